import { z } from "zod";
import { recipeSchema } from "../src-core/recipe/recipe.ts";

const id = z.uuid();

/** Every request that the window can make: its channel and the shape of its argument. Main checks each against this. */
export const requestSchemas = {
  environment: z.undefined(),
  pickCheckpoint: z.enum(["folder", "file"]),
  openDropped: z.string().min(1).max(32_768),
  openSamples: z.undefined(),
  closeCheckpoint: id,
  plan: recipeSchema,
  proposeOutput: id,
  pickOutput: id.nullable(),
  startExport: z.strictObject({ recipe: recipeSchema, outputId: id, overwrite: z.boolean() }),
  cancelExport: id,
  showInFolder: id,
  copyPath: id,
} as const;

export type RequestOf<Name extends keyof typeof requestSchemas> = z.output<(typeof requestSchemas)[Name]>;
