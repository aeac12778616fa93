import type { Environment } from "../../../../electron/api/environment.ts";
import type { JobState, OutputChoice } from "../../../../electron/api/exports.ts";
import type { MeasureRow, MeasureStart, MeasureState, TensorDetail } from "../../../../electron/api/measuring.ts";
import type { CheckpointSummary } from "../../../../electron/api/models.ts";
import type { Outcome } from "../../../../electron/api/outcome.ts";
import type { PlanRow, PlanSummary } from "../../../../electron/api/plan.ts";
import type { ShownSettings } from "../../../../electron/api/settings.ts";
import type { StudioApi } from "../../../../electron/api/studio-api.ts";
import type { StudioEvent } from "../../../../electron/api/window.ts";
import type { Failure } from "../../../../src-core/errors.ts";
import { placeOfTensor } from "../../../../src-core/plan/tensor-names.ts";
import type { TensorStatistics } from "../../../../src-core/statistics/tensor-statistics.ts";
import { histogramBinCount } from "../../../../src-core/statistics/tensor-sums.ts";

/** Every call that a test may answer in its own way. */
type Calls = Omit<StudioApi, "onEvent">;

export interface FakeStudio extends StudioApi {
  /** What was called, in order: "plan", with its first argument. */
  readonly calls: readonly { readonly name: keyof Calls; readonly argument: unknown }[];
  /** Replaces the answer of a call from now on. */
  answer<Name extends keyof Calls>(name: Name, call: Calls[Name]): void;
  emit(event: StudioEvent): void;
  argumentsOf(name: keyof Calls): readonly unknown[];
}

export function succeed<Value>(value: Value): Outcome<Value> {
  return { ok: true, value };
}

export function fail(failure: Failure): { readonly ok: false; readonly failure: Failure } {
  return { ok: false, failure };
}

/** A promise that the test settles when it wants to. */
export function deferred<Value>() {
  let resolve: (value: Value) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<Value>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

export function checkpoint(id: string): CheckpointSummary {
  return {
    id,
    name: `model-${id}`,
    path: `/models/model-${id}`,
    architecture: "LlamaForCausalLM",
    parameters: 1000,
    dtypes: [{ dtype: "BF16", parameters: 1000 }],
    bytes: 2000,
    vocabularySize: 100,
    layerCount: 2,
    hiddenSize: 10,
    fileCount: 1,
    tensorCount: 3,
    kinship: { names: [`model-${id}`], parents: [], hasChatTemplate: false, layout: "2x3" },
  };
}

export function planRow(name: string, change: Partial<PlanRow> = {}): PlanRow {
  return {
    name,
    shape: [2, 3],
    layer: null,
    action: "merge",
    reason: "λ 1.00",
    scale: 1,
    inputDtype: "BF16",
    outputDtype: "BF16",
    byteLength: 12,
    ...change,
  };
}

export function planSummary(change: Partial<PlanSummary> = {}): PlanSummary {
  return {
    rows: [planRow("norm.weight")],
    problems: [],
    exportable: true,
    mergedCount: 1,
    copiedCount: 0,
    bytesRead: 36,
    bytesWritten: 12,
    fileCount: 1,
    chatTokens: { offers: [], unused: [] },
    ...change,
  };
}

export function outputChoice(id: string, change: Partial<OutputChoice> = {}): OutputChoice {
  return { id, path: `/models/${id}`, exists: false, freeBytes: 1e12, unfinished: null, ...change };
}

export function jobState(id: string, change: Partial<JobState> = {}): JobState {
  return {
    id,
    phase: "merging",
    waitsFor: null,
    outputPath: "/models/out",
    bytesRead: 0,
    bytesToRead: 36,
    bytesWritten: 0,
    bytesToWrite: 12,
    seconds: 0,
    bytesPerSecond: null,
    secondsLeft: null,
    result: null,
    failure: null,
    resumable: false,
    ...change,
  };
}

export function measureState(id: string, change: Partial<MeasureState> = {}): MeasureState {
  return {
    id,
    phase: "measuring",
    waitsFor: null,
    bytesRead: 0,
    bytesToRead: 36,
    bytesPerSecond: null,
    secondsLeft: null,
    remembered: false,
    failure: null,
    ...change,
  };
}

export function measureRow(name: string, change: Partial<MeasureRow> = {}): MeasureRow {
  return { name, dtype: "BF16", shape: [2, 3], elementCount: 6, ...placeOfTensor(name), ...change };
}

export function measureStart(
  id: string,
  names: readonly string[] = ["norm.weight"],
  change: Partial<MeasureStart> = {},
): MeasureStart {
  return { measure: measureState(id), rows: names.map((name) => measureRow(name)), tensors: [], ...change };
}

/** A tensor with ‖base‖ = 10, ‖target‖ = 10 and the given ‖τ‖; σ and τ at right angles unless told otherwise. */
export function tensorStatistics(
  name: string,
  { vector = 1, shift = 2, cosine = 0, ...change }: Partial<TensorStatistics> & Partial<Record<Sketched, number>> = {},
): TensorStatistics {
  const histogram = new Uint32Array(histogramBinCount);
  histogram[80] = 6;
  return {
    name,
    elementCount: 6,
    target: 100,
    vectors: [
      {
        elementCount: 6,
        base: 100,
        chat: 100,
        vector: vector * vector,
        shift: shift * shift,
        targetVector: 0,
        shiftVector: cosine * vector * shift,
        absolute: 2 * vector,
        maximum: vector / 2,
        zeroCount: 0,
        histogram,
      },
    ],
    pairs: [],
    nonFiniteCount: 0,
    firstNonFinite: null,
    ...change,
  };
}

type Sketched = "vector" | "shift" | "cosine";

export function tensorDetail(tensor: string, change: Partial<TensorDetail> = {}): TensorDetail {
  return { tensor, rowNorms: [1, 2], rowsPerNorm: 1, rowCount: 2, topRows: [], values: [], ...change };
}

export const environment: Environment = {
  version: "0.1.0",
  electron: "45.0.0",
  chromium: "150",
  platform: "linux",
  runtimeWarning: null,
  engine: { status: "starting", kind: null, adapter: null, fallback: false, because: null, failure: null },
  job: null,
};

export const settings: ShownSettings = {
  appearance: "system",
  outputDtype: "same",
  shardBytes: 5_000_000_000,
  compute: "auto",
  keepMeasurements: true,
  exportFolder: null,
  modelFolders: [],
  computeFixed: null,
  knownDevices: { gpu: null, cpu: null, auto: null },
  setAside: null,
};

/** Main as a test wants it: everything works and answers at once, until told otherwise. */
export function createFakeStudio(): FakeStudio {
  const listeners = new Set<(event: StudioEvent) => void>();
  const calls: { name: keyof Calls; argument: unknown }[] = [];
  let picked = 0;
  const answers: Calls = {
    environment: async () => environment,
    takeFirstTour: async () => false,
    pickCheckpoint: async () => succeed(checkpoint(`picked-${++picked}`)),
    openDropped: async (file) => succeed(checkpoint(file.name)),
    recentModels: async () => succeed([]),
    modelPlaces: async () => succeed([{ id: "hub", kind: "hugging-face", folder: "/cache", saidBy: null }]),
    modelsAt: async () => succeed({ exists: false, models: [], truncated: false }),
    proposeBases: async () => succeed([]),
    openOffered: async (id) => succeed(checkpoint(id)),
    openSamples: async () =>
      succeed({ target: checkpoint("target"), chat: checkpoint("chat"), base: checkpoint("base") }),
    closeCheckpoint: async () => {},
    reopenCheckpoint: async (id) => succeed(checkpoint(id)),
    pickRecipe: async () => succeed(null),
    openDroppedRecipe: async () => fail({ code: "recipe-invalid", what: "No recipe" }),
    openRecentRecipe: async () => fail({ code: "recipe-not-found", what: "There is no such recipe" }),
    reopenRecipe: async () => fail({ code: "recipe-not-found", what: "There is no such recipe" }),
    openChanged: async () => succeed(undefined),
    recentRecipes: async () => succeed([]),
    handedRecipe: async () => succeed(null),
    handedModels: async () => succeed([]),
    unsavedRecipes: async () => succeed([]),
    bringBack: async () => {},
    discardUnsaved: async () => {},
    keepRecipe: async () => {},
    openReference: async (id) => succeed(checkpoint(`found-${id}`)),
    saveRecipe: async ({ documentId }) =>
      succeed({ id: documentId ?? "saved", name: "saved.yaml", path: "/recipes/saved.yaml" }),
    exportMergekit: async () => succeed({ path: "/recipes/mergekit.yml", notes: [] }),
    plan: async () => succeed(planSummary()),
    startMeasure: async () => succeed(measureStart("measure")),
    cancelMeasure: async () => {},
    inspectTensor: async ({ tensor }) => succeed(tensorDetail(tensor)),
    peekValues: async () => succeed({ rowCount: 2, columnCount: 3, values: [[1, 2, 3]] }),
    saveFigure: async () => succeed(true),
    proposeOutput: async (targetId) => succeed(outputChoice(`beside-${targetId}`)),
    pickOutput: async () => succeed(outputChoice("picked-output")),
    checkExport: async () => succeed([]),
    startExport: async () => succeed(jobState("job", { phase: "preparing" })),
    cancelExport: async () => {},
    pauseExport: async () => {},
    resumeExport: async () => {},
    showInFolder: async () => {},
    copyPath: async () => {},
    dragOut: async () => {},
    moveExport: async () => succeed("/models/moved"),
    copyDiagnostics: async () => {},
    newWindow: async () => {},
    settings: async () => succeed(settings),
    changeSettings: async () => succeed(undefined),
    pickExportFolder: async () => succeed(undefined),
    clearExportFolder: async () => succeed(undefined),
    addModelFolder: async () => succeed(undefined),
    removeModelFolder: async () => succeed(undefined),
    keptMeasurements: async () => succeed({ count: 2, bytes: 2048 }),
    forgetMeasurements: async () => succeed({ count: 0, bytes: 0 }),
    openLogs: async () => succeed(undefined),
    openRuntimeLicenses: async () => succeed(undefined),
    tellState: async () => {},
    answerClosing: async () => {},
  };
  const record = <Argument, Answer>(name: keyof Calls, call: (argument: Argument) => Answer) => {
    return (argument: Argument): Answer => {
      calls.push({ name, argument });
      return call(argument);
    };
  };
  return {
    calls,
    answer: (name, call) => {
      answers[name] = call;
    },
    emit: (event) => {
      for (const listener of listeners) listener(event);
    },
    argumentsOf: (name) => calls.filter((call) => call.name === name).map(({ argument }) => argument),
    environment: () => record("environment", () => answers.environment())(undefined),
    takeFirstTour: () => record("takeFirstTour", () => answers.takeFirstTour())(undefined),
    pickCheckpoint: record("pickCheckpoint", (kind) => answers.pickCheckpoint(kind)),
    openDropped: record("openDropped", (file) => answers.openDropped(file)),
    recentModels: () => record("recentModels", () => answers.recentModels())(undefined),
    modelPlaces: () => record("modelPlaces", () => answers.modelPlaces())(undefined),
    modelsAt: record("modelsAt", (placeId) => answers.modelsAt(placeId)),
    proposeBases: record("proposeBases", (ids) => answers.proposeBases(ids)),
    openOffered: record("openOffered", (id) => answers.openOffered(id)),
    openSamples: () => record("openSamples", () => answers.openSamples())(undefined),
    closeCheckpoint: record("closeCheckpoint", (id) => answers.closeCheckpoint(id)),
    reopenCheckpoint: record("reopenCheckpoint", (id) => answers.reopenCheckpoint(id)),
    pickRecipe: () => record("pickRecipe", () => answers.pickRecipe())(undefined),
    openDroppedRecipe: record("openDroppedRecipe", (file) => answers.openDroppedRecipe(file)),
    openRecentRecipe: record("openRecentRecipe", (id) => answers.openRecentRecipe(id)),
    reopenRecipe: record("reopenRecipe", (documentId) => answers.reopenRecipe(documentId)),
    openChanged: record("openChanged", (ids) => answers.openChanged(ids)),
    recentRecipes: () => record("recentRecipes", () => answers.recentRecipes())(undefined),
    handedRecipe: () => record("handedRecipe", () => answers.handedRecipe())(undefined),
    handedModels: () => record("handedModels", () => answers.handedModels())(undefined),
    unsavedRecipes: () => record("unsavedRecipes", () => answers.unsavedRecipes())(undefined),
    bringBack: record("bringBack", (id) => answers.bringBack(id)),
    discardUnsaved: record("discardUnsaved", (id) => answers.discardUnsaved(id)),
    keepRecipe: record("keepRecipe", (toKeep) => answers.keepRecipe(toKeep)),
    openReference: record("openReference", (id) => answers.openReference(id)),
    saveRecipe: record("saveRecipe", (saveRequest) => answers.saveRecipe(saveRequest)),
    exportMergekit: record("exportMergekit", (recipe) => answers.exportMergekit(recipe)),
    plan: record("plan", (recipe) => answers.plan(recipe)),
    startMeasure: record("startMeasure", (request) => answers.startMeasure(request)),
    cancelMeasure: record("cancelMeasure", (measureId) => answers.cancelMeasure(measureId)),
    inspectTensor: record("inspectTensor", (request) => answers.inspectTensor(request)),
    peekValues: record("peekValues", (request) => answers.peekValues(request)),
    saveFigure: record("saveFigure", (figure) => answers.saveFigure(figure)),
    proposeOutput: record("proposeOutput", (targetId) => answers.proposeOutput(targetId)),
    pickOutput: record("pickOutput", (outputId) => answers.pickOutput(outputId)),
    checkExport: record("checkExport", (request) => answers.checkExport(request)),
    startExport: record("startExport", (request) => answers.startExport(request)),
    cancelExport: record("cancelExport", (jobId) => answers.cancelExport(jobId)),
    pauseExport: record("pauseExport", (jobId) => answers.pauseExport(jobId)),
    resumeExport: record("resumeExport", (jobId) => answers.resumeExport(jobId)),
    showInFolder: record("showInFolder", (jobId) => answers.showInFolder(jobId)),
    copyPath: record("copyPath", (jobId) => answers.copyPath(jobId)),
    dragOut: record("dragOut", (jobId) => answers.dragOut(jobId)),
    moveExport: record("moveExport", (jobId) => answers.moveExport(jobId)),
    copyDiagnostics: record("copyDiagnostics", (withPaths) => answers.copyDiagnostics(withPaths)),
    newWindow: () => record("newWindow", () => answers.newWindow())(undefined),
    settings: () => record("settings", () => answers.settings())(undefined),
    changeSettings: record("changeSettings", (change) => answers.changeSettings(change)),
    pickExportFolder: () => record("pickExportFolder", () => answers.pickExportFolder())(undefined),
    clearExportFolder: () => record("clearExportFolder", () => answers.clearExportFolder())(undefined),
    addModelFolder: () => record("addModelFolder", () => answers.addModelFolder())(undefined),
    removeModelFolder: record("removeModelFolder", (id) => answers.removeModelFolder(id)),
    keptMeasurements: () => record("keptMeasurements", () => answers.keptMeasurements())(undefined),
    forgetMeasurements: () => record("forgetMeasurements", () => answers.forgetMeasurements())(undefined),
    openLogs: () => record("openLogs", () => answers.openLogs())(undefined),
    openRuntimeLicenses: () => record("openRuntimeLicenses", () => answers.openRuntimeLicenses())(undefined),
    tellState: record("tellState", (told) => answers.tellState(told)),
    answerClosing: record("answerClosing", (saved) => answers.answerClosing(saved)),
    onEvent: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
