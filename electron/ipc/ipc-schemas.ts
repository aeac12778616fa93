import { z } from "zod";
import { maximumFigureBytes, maximumNameLength, maximumVectorCount } from "../../src-core/limits.ts";
import { recipeSchema, vocabularyPolicies } from "../../src-core/recipe/recipe.ts";
import { settingsChangeSchema } from "../settings/settings-schema.ts";

const id = z.uuid();
const tensorName = z.string().min(1).max(maximumNameLength);
const position = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const measure = z.strictObject({
  target: id.nullable(),
  vectors: z
    .array(z.strictObject({ name: z.string().min(1).max(maximumNameLength), chat: id, base: id }))
    .min(1)
    .max(maximumVectorCount),
  vocabulary: z.enum(vocabularyPolicies).optional(),
});
/** A window of values is for eyes. */
const side = z.number().int().min(1).max(256);

/** What menus are made of: texts of the window's own, and no path. */
const menuAction = z.strictObject({
  id: z.string().regex(/^[a-zA-Z-]{1,64}$/),
  label: z.string().min(1).max(200),
  menu: z.enum(["file", "edit", "view", "help"]),
  group: z.number().int().min(0).max(100),
  shortcut: z
    .string()
    .regex(/^Mod\+(Shift\+)?[A-Z0-9,]$/)
    .nullable(),
  enabled: z.boolean(),
  checked: z.boolean().nullable(),
});

const exportRequest = z.strictObject({
  recipe: recipeSchema,
  outputId: id,
  overwrite: z.boolean(),
  unfinished: z.enum(["resume", "replace"]),
});

/** Every request that the window can make: its channel and the shape of its argument. Main checks each against this. */
export const requestSchemas = {
  environment: z.undefined(),
  takeFirstTour: z.undefined(),
  pickCheckpoint: z.enum(["folder", "file"]),
  openDropped: z.string().min(1).max(32_768),
  recentModels: z.undefined(),
  modelPlaces: z.undefined(),
  modelsAt: id,
  proposeBases: z
    .array(id)
    .min(1)
    .max(2 * maximumVectorCount + 1),
  openOffered: id,
  openSamples: z.undefined(),
  closeCheckpoint: id,
  reopenCheckpoint: id,
  openChanged: z
    .array(id)
    .min(1)
    .max(2 * maximumVectorCount + 1),
  pickRecipe: z.undefined(),
  openDroppedRecipe: z.string().min(1).max(32_768),
  openRecentRecipe: id,
  reopenRecipe: id,
  recentRecipes: z.undefined(),
  handedRecipe: z.undefined(),
  handedModels: z.undefined(),
  unsavedRecipes: z.undefined(),
  bringBack: id,
  discardUnsaved: id,
  keepRecipe: z
    .strictObject({ name: z.string().max(maximumNameLength), recipe: recipeSchema, documentId: id.nullable() })
    .nullable(),
  openReference: id,
  saveRecipe: z.strictObject({ recipe: recipeSchema, documentId: id.nullable(), as: z.boolean() }),
  exportMergekit: recipeSchema,
  plan: recipeSchema,
  startMeasure: measure,
  cancelMeasure: id,
  inspectTensor: measure.extend({ tensor: tensorName, vector: position.max(maximumVectorCount - 1) }),
  peekValues: z.strictObject({
    checkpoint: id,
    tensor: tensorName,
    row: position,
    column: position,
    rowCount: side,
    columnCount: side,
  }),
  saveFigure: z.strictObject({
    // Of a file: it must not lead anywhere.
    name: z
      .string()
      .min(1)
      .max(200)
      .regex(/^[^/\\:\p{Cc}\p{Cf}]+$/u),
    type: z.enum(["svg", "png", "csv"]),
    data: z.union([
      z.string().max(maximumFigureBytes),
      z.instanceof(Uint8Array).refine(({ byteLength }) => byteLength <= maximumFigureBytes),
    ]),
  }),
  proposeOutput: id,
  pickOutput: id.nullable(),
  checkExport: exportRequest,
  startExport: exportRequest,
  cancelExport: id,
  pauseExport: id,
  resumeExport: id,
  showInFolder: id,
  copyPath: id,
  dragOut: id,
  moveExport: id,
  settings: z.undefined(),
  changeSettings: settingsChangeSchema,
  pickExportFolder: z.undefined(),
  clearExportFolder: z.undefined(),
  addModelFolder: z.undefined(),
  removeModelFolder: id,
  keptMeasurements: z.undefined(),
  forgetMeasurements: z.undefined(),
  openLogs: z.undefined(),
  openRuntimeLicenses: z.undefined(),
  copyDiagnostics: z.boolean(),
  newWindow: z.undefined(),
  tellState: z.strictObject({
    name: z.string().max(maximumNameLength),
    edited: z.boolean(),
    documentId: id.nullable(),
    takes: z.enum(["anything", "models", "nothing"]),
    unsaved: z.string().max(maximumNameLength).nullable(),
    actions: z.array(menuAction).max(200),
  }),
  answerClosing: z.boolean(),
} as const;

export type RequestOf<Name extends keyof typeof requestSchemas> = z.output<(typeof requestSchemas)[Name]>;
