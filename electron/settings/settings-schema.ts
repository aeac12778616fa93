import { z } from "zod";
import { defaultShardBytes, maximumModelFolderCount } from "../../src-core/limits.ts";
import { outputDtypes } from "../../src-core/recipe/recipe.ts";

const appearances = ["system", "dark", "light"] as const;
const computeChoices = ["auto", "gpu", "cpu"] as const;

const path = z.string().min(1).max(32_768);
const bytes = z.number().int().positive().max(Number.MAX_SAFE_INTEGER);

/** What the window may set by itself. Folders are asked for by main. */
export const settingsChangeSchema = z
  .strictObject({
    appearance: z.enum(appearances),
    outputDtype: z.enum(outputDtypes),
    /** Of tensors in one output file, at most. */
    shardBytes: bytes,
    compute: z.enum(computeChoices),
    keepMeasurements: z.boolean(),
  })
  .partial()
  .refine((change) => Object.keys(change).length > 0);

/**
 * What the user has set, kept from one start to the next. What a file does not say has its default, and what a later version says
 * beyond this is passed over, so that either version can follow the other.
 */
export const settingsSchema = z.object({
  version: z.literal(1),
  appearance: z.enum(appearances).default("system"),
  /** Where exports are proposed; null: beside their target. */
  exportFolder: path.nullable().default(null),
  outputDtype: z.enum(outputDtypes).default("same"),
  shardBytes: bytes.default(defaultShardBytes),
  compute: z.enum(computeChoices).default("auto"),
  keepMeasurements: z.boolean().default(true),
  /** Searched for models beside the Hugging Face cache. */
  modelFolders: z.array(path).max(maximumModelFolderCount).default([]),
});

export type Settings = z.output<typeof settingsSchema>;
export type SettingsChange = z.output<typeof settingsChangeSchema>;

export const defaultSettings: Settings = settingsSchema.parse({ version: 1 });
