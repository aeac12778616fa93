import { z } from "zod";
import { mergeableDtypes } from "../checkpoint/dtype.ts";
import { defaultShardBytes, maximumScale, maximumVectorCount } from "../limits.ts";

/** λ: finite, within ±maximumScale. */
const scaleSchema = z.number().min(-maximumScale).max(maximumScale);

export const vocabularyPolicies = ["first-rows", "keep-target"] as const;
export type VocabularyPolicy = (typeof vocabularyPolicies)[number];

const ruleSchema = z.strictObject({ tensors: z.string().min(1), scale: scaleSchema });

const vectorSchema = z.strictObject({
  name: z.string().min(1).default("chat"),
  chat: z.string().min(1),
  base: z.string().min(1),
  scale: scaleSchema.default(1),
  /** Multiplies `scale`; linearly interpolated over the depth. */
  curve: z.array(scaleSchema).min(1).max(1024).optional(),
  /** First match wins and replaces scale × curve; `tensors` is a glob on tensor names. */
  rules: z.array(ruleSchema).max(1024).optional(),
});

const outputSchema = z.strictObject({
  dtype: z.enum(["same", ...mergeableDtypes]).default("same"),
  /** Bytes of tensors in one output file, at most (a larger tensor gets a file of its own). */
  shardBytes: z.number().int().positive().max(Number.MAX_SAFE_INTEGER).default(defaultShardBytes),
});

/** The description of a merge: which models, which λ where, what comes out. Models are named by path (or, in the window, by id). */
export const recipeSchema = z.strictObject({
  version: z.literal(1).default(1),
  target: z.string().min(1),
  vectors: z.array(vectorSchema).min(1).max(maximumVectorCount),
  vocabulary: z.enum(vocabularyPolicies).optional(),
  /** What the user decided for tensors whose shapes differ outside the vocabulary. */
  onMismatch: z.enum(["error", "keep-target"]).default("error"),
  output: outputSchema.prefault({}),
});

export type Recipe = z.output<typeof recipeSchema>;
export type RecipeInput = z.input<typeof recipeSchema>;
export type RecipeVector = Recipe["vectors"][number];
export type OutputDtype = Recipe["output"]["dtype"];
