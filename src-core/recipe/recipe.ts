import { z } from "zod";
import { mergeableDtypes } from "../checkpoint/dtype.ts";
import {
  defaultShardBytes,
  maximumChatTokenCount,
  maximumCurveLength,
  maximumRuleCount,
  maximumScale,
  maximumTokenLength,
  maximumVectorCount,
} from "../limits.ts";

/** λ: finite, within ±maximumScale. */
const scaleSchema = z.number().min(-maximumScale).max(maximumScale);

export const vocabularyPolicies = ["by-token", "first-rows", "keep-target"] as const;
export type VocabularyPolicy = (typeof vocabularyPolicies)[number];

/** λ over the network: of a vector, or of the tensors that a rule names. */
const layeredScale = {
  /** Multiplies `scale` inside the layers; linearly interpolated over the depth. */
  curve: z.array(scaleSchema).min(1).max(maximumCurveLength).optional(),
  /** λ of what stands outside the layers (embeddings, final norm, head), where it is not `scale`. */
  outside: scaleSchema.optional(),
};

const ruleSchema = z.strictObject({ tensors: z.string().min(1), scale: scaleSchema, ...layeredScale });

const vectorSchema = z.strictObject({
  name: z.string().min(1).default("chat"),
  chat: z.string().min(1),
  base: z.string().min(1),
  scale: scaleSchema.default(1),
  ...layeredScale,
  /** First match wins and replaces the vector's scale, curve and outside; `tensors` is a glob on tensor names. */
  rules: z.array(ruleSchema).max(maximumRuleCount).optional(),
});

export const mismatchDecisions = ["error", "keep-target"] as const;
export const tokenizerChoices = ["target", "chat"] as const;
export const chatTemplateChoices = ["target", "chat", "none"] as const;

export const outputDtypes = ["same", ...mergeableDtypes] as const;

/** A token of the first vector's chat model that the output has too; alone, it goes where the target has it, or behind its last one. */
const chatTokenSchema = z.union([
  z
    .string()
    .min(1)
    .max(maximumTokenLength)
    .transform((token): ChatTokenWish => ({ token })),
  z.strictObject({
    token: z.string().min(1).max(maximumTokenLength),
    /** A token that the target keeps free, whose row it takes. */
    replaces: z.string().min(1).max(maximumTokenLength).optional(),
  }),
]);

export const chatTokensSchema = z.array(chatTokenSchema).max(maximumChatTokenCount);

export interface ChatTokenWish {
  readonly token: string;
  readonly replaces?: string | undefined;
}

const outputSchema = z.strictObject({
  dtype: z.enum(outputDtypes).default("same"),
  /** Bytes of tensors in one output file, at most (a larger tensor gets a file of its own). */
  shardBytes: z.number().int().positive().max(Number.MAX_SAFE_INTEGER).default(defaultShardBytes),
  /** Whose tokenizer files go along; `chat` is the first vector's chat model. */
  tokenizer: z.enum(tokenizerChoices).default("target"),
  /** Whose chat template goes along; `chat` is the first vector's chat model. */
  chatTemplate: z.enum(chatTemplateChoices).default("chat"),
  /** Tokens of the first vector's chat model that the output gets, with their rows of embedding and head. */
  chatTokens: chatTokensSchema.optional(),
});

/**
 * The description of a merge: which models, which λ where, what comes out. Models are named by path, by the id of a model in
 * the local Hugging Face cache, or (in the window) by the id of an opened checkpoint.
 */
export const recipeSchema = z.strictObject({
  version: z.literal(1).default(1),
  target: z.string().min(1),
  vectors: z.array(vectorSchema).min(1).max(maximumVectorCount),
  /** Absent: the plan chooses, and says what it chose. */
  vocabulary: z.enum(vocabularyPolicies).optional(),
  /** What the user decided for tensors whose shapes differ outside the vocabulary. */
  onMismatch: z.enum(mismatchDecisions).default("error"),
  output: outputSchema.prefault({}),
});

export type Recipe = z.output<typeof recipeSchema>;
export type RecipeInput = z.input<typeof recipeSchema>;
export type RecipeVector = Recipe["vectors"][number];
export type RecipeRule = NonNullable<RecipeVector["rules"]>[number];
/** What λ depends on, in a vector and in a rule alike. */
export type LayeredScale = Pick<RecipeVector, "scale" | "curve" | "outside">;
export type OutputDtype = Recipe["output"]["dtype"];
