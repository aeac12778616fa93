import type { EngineEvent } from "../../src-core/engine/protocol.ts";
import type { Channel } from "./ipc-channels.ts";

const id = (digit: number) => `0000000${digit}-0000-4000-8000-000000000000`;

const recipe = {
  version: 1,
  target: id(1),
  vectors: [
    {
      name: "chat",
      chat: id(2),
      base: id(3),
      scale: 0.8,
      curve: [0.2, 1],
      outside: 0,
      rules: [{ tensors: "*norm.weight", scale: 0, curve: [1] }],
    },
  ],
  vocabulary: "first-rows",
  onMismatch: "keep-target",
  output: { dtype: "BF16", shardBytes: 1000, tokenizer: "target", chatTemplate: "chat" },
};
const measure = { target: id(1), vectors: [{ name: "chat", chat: id(2), base: id(3) }], vocabulary: "by-token" };

/** A good request for every channel. */
export const requests: Readonly<Record<Channel, unknown>> = {
  environment: undefined,
  takeFirstTour: undefined,
  pickCheckpoint: "folder",
  openDropped: "/models/a",
  recentModels: undefined,
  modelPlaces: undefined,
  modelsAt: id(2),
  proposeBases: [id(1), id(2)],
  openOffered: id(9),
  openSamples: undefined,
  closeCheckpoint: id(1),
  reopenCheckpoint: id(1),
  openChanged: [id(1), id(3)],
  pickRecipe: undefined,
  openDroppedRecipe: "/recipes/a.yaml",
  openRecentRecipe: id(7),
  reopenRecipe: id(7),
  recentRecipes: undefined,
  handedRecipe: undefined,
  handedModels: undefined,
  unsavedRecipes: undefined,
  bringBack: id(8),
  discardUnsaved: id(8),
  keepRecipe: { name: "a.yaml", recipe, documentId: id(7) },
  openReference: id(8),
  saveRecipe: { recipe, documentId: id(7), as: false },
  exportMergekit: recipe,
  plan: recipe,
  startMeasure: measure,
  cancelMeasure: id(4),
  inspectTensor: { ...measure, tensor: "model.embed_tokens.weight", vector: 0 },
  peekValues: { checkpoint: id(1), tensor: "a", row: 0, column: 3, rowCount: 8, columnCount: 16 },
  saveFigure: { name: "chat vector", type: "png", data: new Uint8Array(64) },
  proposeOutput: id(1),
  pickOutput: id(5),
  checkExport: { recipe, outputId: id(5), overwrite: false, unfinished: "resume" },
  startExport: { recipe, outputId: id(5), overwrite: false, unfinished: "resume" },
  cancelExport: id(6),
  pauseExport: id(6),
  resumeExport: id(6),
  showInFolder: id(6),
  copyPath: id(6),
  dragOut: id(6),
  moveExport: id(6),
  settings: undefined,
  changeSettings: { appearance: "dark", outputDtype: "F16", shardBytes: 1e9, compute: "cpu", keepMeasurements: false },
  pickExportFolder: undefined,
  clearExportFolder: undefined,
  addModelFolder: undefined,
  removeModelFolder: id(6),
  keptMeasurements: undefined,
  forgetMeasurements: undefined,
  openLogs: undefined,
  openRuntimeLicenses: undefined,
  copyDiagnostics: false,
  newWindow: undefined,
  tellState: {
    name: "a.yaml",
    edited: true,
    documentId: id(7),
    takes: "models",
    unsaved: "a.yaml",
    actions: [
      { id: "undo", label: "Undo", menu: "edit", group: 0, shortcut: "Mod+Z", enabled: true, checked: null },
      { id: "view-plan", label: "Plan", menu: "view", group: 1, shortcut: null, enabled: false, checked: true },
    ],
  },
  answerClosing: true,
};

const failure = {
  code: "read-failed",
  what: "Reading failed",
  where: "a.safetensors",
  advice: "Check the disk",
} as const;
const sums = { base: 1, chat: 2, vector: 0.5, shift: 0, targetVector: 0.1, shiftVector: 0, absolute: 3, maximum: 0.25 };

/** Of each kind of message from the engine, one. */
export const engineEvents: readonly EngineEvent[] = [
  { type: "ready", kind: "gpu", adapter: "an adapter", fallback: false, because: "it is the fastest" },
  { type: "unavailable", failure },
  { type: "tried", job: id(6) },
  {
    type: "progress",
    job: id(6),
    progress: { bytesRead: 10, bytesWritten: 5 },
    before: { bytesRead: 2, bytesWritten: 1 },
  },
  { type: "written", job: id(6), ranges: [{ file: 0, start: 8, end: 12 }] },
  {
    type: "merged",
    job: id(6),
    outcome: { bytesRead: 10, bytesWritten: 5, newNonFinite: [{ tensor: "a", count: 1 }] },
  },
  {
    type: "measuring",
    job: id(6),
    bytesRead: 10,
    tensors: [
      {
        name: "a",
        elementCount: 4,
        target: 2.5,
        vectors: [{ elementCount: 4, ...sums, zeroCount: 0, histogram: new Uint32Array(128) }],
        pairs: [{ vectors: 1, shiftOfFirst: 0, shiftOfSecond: 0 }],
        nonFiniteCount: 1,
        firstNonFinite: { index: 3, role: "chat", vector: 0 },
      },
    ],
  },
  { type: "measured", job: id(6), bytesRead: 10 },
  {
    type: "inspected",
    job: id(6),
    inspection: { rowNorms: new Float64Array(3), values: [{ role: "target", least: -1, width: 0.1, counts: [1, 2] }] },
  },
  { type: "failed", job: id(6), failure },
];
