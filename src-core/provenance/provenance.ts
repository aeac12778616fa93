import { z } from "zod";
import { recipeSchema } from "../recipe/recipe.ts";

export const provenanceName = "chat-vector.json";
export const provenanceRecipeName = "chat-vector.yaml";
export const modelCardName = "README.md";
export const normsFigureName = "chat-vector-norms.svg";

const bytes = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** Of a file in the folder itself: a record from elsewhere must not lead out of it. */
const fileName = z.string().regex(/^(?!\.{1,2}$)[^/\\\0]{1,255}$/);

const fileSchema = z.object({ name: fileName, bytes, sha256: sha256.nullable() });

const sourceFileSchema = z.object({
  name: z.string(),
  bytes,
  /** Milliseconds since 1970. */
  modifiedMs: z.number(),
  /** SHA-256 of the file's size, its first 64 KiB, its last, and six between. */
  sample: sha256,
  /** Of the whole file, where it was known. */
  sha256: sha256.optional(),
});

/** chat-vector.json: what an exported model was made of, by what, and what was found out about it. Checked when it is read. */
export const provenanceSchema = z.object({
  format: z.literal(1),
  made: z.object({
    by: z.string(),
    version: z.string(),
    at: z.string(),
    runtime: z.string(),
    platform: z.string(),
    backend: z.enum(["gpu", "cpu"]),
    adapter: z.string(),
    because: z.string(),
    seconds: z.number(),
  }),
  /** With the models' paths. */
  recipe: recipeSchema,
  /** SHA-256 of what was planned for every tensor, and of the layout: two merges with the same one, of the same models, are one. */
  plan: sha256.optional(),
  /** What the two hashes of a source's file are, in words, for who reads the record. */
  sourceHashes: z.object({ sample: z.string(), sha256: z.string() }).optional(),
  sources: z.array(z.object({ roles: z.array(z.string()), path: z.string(), files: z.array(sourceFileSchema) })),
  /** The weights. */
  files: z.array(fileSchema),
  /** Config, tokenizer, licence, recipe and model card. */
  others: z.array(fileSchema),
  tensors: z.object({
    merged: z.number(),
    copied: z.number(),
    list: z.array(
      z.object({
        name: z.string(),
        action: z.enum(["merge", "copy"]),
        reason: z.string(),
        /** λ of each vector that reaches it, by the recipe's vectors. */
        scales: z.array(z.object({ vector: z.number(), scale: z.number() })),
      }),
    ),
  }),
  bytesRead: z.number(),
  bytesWritten: z.number(),
  verified: z.object({ samples: z.number(), mismatches: z.number() }),
  /** With the decisions that were taken: a problem's selected choice. */
  problems: z.array(
    z.looseObject({
      code: z.string(),
      severity: z.enum(["error", "decision", "notice"]),
      message: z.string(),
    }),
  ),
});

export type Provenance = z.output<typeof provenanceSchema>;
