import type { Failure } from "../src-core/errors.ts";
import type { ModelKinship } from "../src-core/kinship/model-kinship.ts";
import type { ChatTokenOutlook } from "../src-core/plan/chat-token-outlook.ts";
import type { Problem } from "../src-core/plan/problem.ts";
import type { OutputDtype, Recipe, RecipeInput } from "../src-core/recipe/recipe.ts";
import type { TensorStatistics } from "../src-core/statistics/tensor-statistics.ts";

/** The whole surface between the window and main: `window.studio`. Models and folders go by id; main knows their paths. */
export interface StudioApi {
  environment(): Promise<Environment>;
  /** Whether the tour comes by itself: true once ever. */
  takeFirstTour(): Promise<boolean>;
  /** Opens the system's dialog for a folder or a file; null when it was dismissed. */
  pickCheckpoint(kind: "folder" | "file"): Promise<Outcome<CheckpointSummary | null>>;
  /** Opens what was dropped on the window. */
  openDropped(file: File): Promise<Outcome<CheckpointSummary>>;
  /** Models that were opened last, the latest first. */
  recentModels(): Promise<Outcome<readonly RecentModel[]>>;
  /** Where models lie on this machine: the Hugging Face cache first. Nothing is looked at yet. */
  modelPlaces(): Promise<Outcome<readonly ModelPlace[]>>;
  /** What one of these places holds; fails where its folder cannot be read. */
  modelsAt(placeId: string): Promise<Outcome<PlacedModels>>;
  /** Bases that opened models name and that are on this machine; nothing is opened. */
  proposeBases(ids: readonly string[]): Promise<Outcome<readonly ModelOffer[]>>;
  /** Opens a model that was listed or offered, by the id it was listed with. */
  openOffered(id: string): Promise<Outcome<CheckpointSummary>>;
  /** Makes (once) and opens three small models that fit each other. */
  openSamples(): Promise<Outcome<SampleTriple>>;
  closeCheckpoint(id: string): Promise<void>;
  /** Opens again, under its id, what was closed. */
  reopenCheckpoint(id: string): Promise<Outcome<CheckpointSummary>>;
  /** Reads models anew that were changed on disk, under their ids; each comes as a `reopened` event. */
  openChanged(ids: readonly string[]): Promise<Outcome<void>>;
  /** Opens the system's dialog for a recipe or a mergekit file, and the models that it names; null when it was dismissed. */
  pickRecipe(): Promise<Outcome<OpenedRecipe | null>>;
  openDroppedRecipe(file: File): Promise<Outcome<OpenedRecipe>>;
  openRecentRecipe(id: string): Promise<Outcome<OpenedRecipe>>;
  /** Opens the file of a recipe that is open once more, as it is now. */
  reopenRecipe(documentId: string): Promise<Outcome<OpenedRecipe>>;
  recentRecipes(): Promise<Outcome<readonly RecentRecipe[]>>;
  /** Opens the recipe that the program was started with or handed since, once; null when there is none. */
  handedRecipe(): Promise<Outcome<OpenedRecipe | null>>;
  /** Models that the program was started with or handed since, each once, to be opened as offered ones are. */
  handedModels(): Promise<Outcome<readonly HandedModel[]>>;
  /** Recipes that were left unsaved when the program was killed, or its page crashed. Nothing of them is opened. */
  unsavedRecipes(): Promise<Outcome<readonly UnsavedRecipe[]>>;
  /** Opens one of them, here where nothing was begun, else in another window: it comes as what is handed does. */
  bringBack(id: string): Promise<void>;
  /** Lets one of them go. */
  discardUnsaved(id: string): Promise<void>;
  /** Keeps what a crash would lose, with ids for the models; null for nothing. */
  keepRecipe(toKeep: RecipeToKeep | null): Promise<void>;
  /** Opens a model that a recipe names and that could not be opened with it. */
  openReference(id: string): Promise<Outcome<CheckpointSummary>>;
  /** Writes to the document's file, or to one that is asked for; null when the dialog was dismissed. */
  saveRecipe(request: SaveRecipeRequest): Promise<Outcome<RecipeDocument | null>>;
  /** Asks for a place and writes the recipe as a mergekit file; null when the dialog was dismissed. */
  exportMergekit(recipe: RecipeInput): Promise<Outcome<MergekitFile | null>>;
  /** Plans from headers alone. In the recipe, ids stand for the models' paths. */
  plan(recipe: RecipeInput): Promise<Outcome<PlanSummary>>;
  /**
   * Starts measuring, or brings back what is remembered of the same files. Statistics come as `tensors` events, a spread of
   * layers first. Another start ends the one before. Works without a target.
   */
  startMeasure(request: MeasureRequest): Promise<Outcome<MeasureStart>>;
  /** Stops reading; what is known stays. Starting with the same request goes on from there. */
  cancelMeasure(measureId: string): Promise<void>;
  /** Reads one tensor once more for what is not kept of all of them. Takes as long as reading it does. */
  inspectTensor(request: InspectRequest): Promise<Outcome<TensorDetail>>;
  /** Values at a place of a tensor, from main's memory map. */
  peekValues(request: PeekRequest): Promise<Outcome<ValueWindow>>;
  /** Asks for a place and writes the file; false when the dialog was dismissed. */
  saveFigure(figure: Figure): Promise<Outcome<boolean>>;
  /** A folder beside the target that does not exist yet. */
  proposeOutput(targetId: string): Promise<Outcome<OutputChoice>>;
  /** Opens the system's dialog for the folder to write; null when it was dismissed. */
  pickOutput(currentOutputId: string | null): Promise<Outcome<OutputChoice | null>>;
  /** What would hinder the export, or should be known before it starts. Nothing is written. */
  checkExport(request: ExportRequest): Promise<Outcome<readonly Problem[]>>;
  startExport(request: ExportRequest): Promise<Outcome<JobState>>;
  /** Ends it and removes what it has written. */
  cancelExport(jobId: string): Promise<void>;
  /** Takes effect while it merges: what is in flight is still written. */
  pauseExport(jobId: string): Promise<void>;
  resumeExport(jobId: string): Promise<void>;
  showInFolder(jobId: string): Promise<void>;
  copyPath(jobId: string): Promise<void>;
  /** Hands the finished folder to the system's drag and drop; to be called while `dragstart` is being handled. */
  dragOut(jobId: string): Promise<void>;
  /** Asks for a place and moves the finished folder there; answers with where it lies now, null when the dialog was dismissed. */
  moveExport(jobId: string): Promise<Outcome<string | null>>;
  settings(): Promise<Outcome<ShownSettings>>;
  /** Takes effect at once, told to all by a `settings` event; fails where it could not be kept. */
  changeSettings(change: SettingsChange): Promise<Outcome<void>>;
  /** Opens the system's dialog for the folder that exports are proposed in; does nothing when it was dismissed. */
  pickExportFolder(): Promise<Outcome<void>>;
  /** Exports are proposed beside their target again. */
  clearExportFolder(): Promise<Outcome<void>>;
  /** Opens the system's dialog for a folder to look for models in; does nothing when it was dismissed. */
  addModelFolder(): Promise<Outcome<void>>;
  removeModelFolder(id: string): Promise<Outcome<void>>;
  keptMeasurements(): Promise<Outcome<KeptMeasurements>>;
  /** Removes all that is kept. */
  forgetMeasurements(): Promise<Outcome<KeptMeasurements>>;
  /** Opens the licenses of Electron and Chromium, which lie beside the program. */
  openRuntimeLicenses(): Promise<Outcome<void>>;
  /** Shows the folder of the logs in the system's file manager. */
  openLogs(): Promise<Outcome<void>>;
  /** Puts what helps to understand a failure on the clipboard; without what names the user unless `withPaths`. */
  copyDiagnostics(withPaths: boolean): Promise<void>;
  /** Opens another window, with nothing in it. */
  newWindow(): Promise<void>;
  /** Tells main what its menus and the window's title say now, and what closing the window would lose. */
  tellState(state: ToldState): Promise<void>;
  /** Answers `closing`. */
  answerClosing(saved: boolean): Promise<void>;
  /** Calls back on every change of a job or of the engine; returns the unsubscriber. */
  onEvent(listener: (event: StudioEvent) => void): () => void;
}

export type Outcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly failure: Failure };

export type Appearance = "system" | "dark" | "light";

/** What may compute. */
export type ComputeChoice = "auto" | "gpu" | "cpu";

/** What the window may set by itself; folders are asked for by main. */
export interface SettingsChange {
  readonly appearance?: Appearance;
  readonly outputDtype?: OutputDtype;
  readonly shardBytes?: number;
  readonly compute?: ComputeChoice;
  readonly keepMeasurements?: boolean;
}

export interface ShownSettings extends Required<SettingsChange> {
  /** Where exports are proposed; null: beside their target. */
  readonly exportFolder: { readonly path: string; readonly missing: boolean } | null;
  /** Searched for models beside the Hugging Face cache. */
  readonly modelFolders: readonly { readonly id: string; readonly path: string }[];
  /** What the environment asks for at this start, which goes before `compute`. */
  readonly computeFixed: "gpu" | "cpu" | null;
  readonly knownDevices: KnownDevices;
  /** Where a file lies now that was no settings. */
  readonly setAside: string | null;
}

/** What was found to compute with, at this start of the program or an earlier one; null where it was not tried yet. */
export interface KnownDevices {
  /** Its name is null where there was none. */
  readonly gpu: { readonly name: string | null; readonly isFallback: boolean } | null;
  readonly cpu: string | null;
  /** What was chosen the last time that nothing was asked for. `because` goes on after "because". */
  readonly auto: { readonly kind: "gpu" | "cpu"; readonly adapter: string; readonly because: string } | null;
}

export interface KeptMeasurements {
  readonly count: number;
  readonly bytes: number;
}

export interface Environment {
  readonly version: string;
  readonly electron: string;
  readonly chromium: string;
  readonly platform: string;
  /** Said in the window when the runtime is not the one people should use. */
  readonly runtimeWarning: string | null;
  readonly engine: EngineState;
  /** The running export, or the last one: a window that was reloaded finds it again. */
  readonly job: JobState | null;
}

/** What computes: known shortly after start. */
export interface EngineState {
  readonly status: "starting" | "ready" | "failed";
  readonly kind: "gpu" | "cpu" | null;
  readonly adapter: string | null;
  /** The adapter is a software one: it works, slowly. */
  readonly fallback: boolean;
  /** Why this one computes: goes on after "because". */
  readonly because: string | null;
  readonly failure: Failure | null;
}

export interface CheckpointSummary {
  readonly id: string;
  /** The folder's or file's name. */
  readonly name: string;
  readonly path: string;
  readonly architecture: string | null;
  readonly parameters: number;
  /** By share of the parameters, largest first. */
  readonly dtypes: readonly { readonly dtype: string; readonly parameters: number }[];
  readonly bytes: number;
  readonly vocabularySize: number | null;
  readonly layerCount: number | null;
  readonly hiddenSize: number | null;
  readonly fileCount: number;
  readonly tensorCount: number;
  /** What it is to other models. */
  readonly kinship: ModelKinship;
}

export interface RecentModel {
  readonly id: string;
  readonly name: string;
  readonly folder: string;
  /** It is no longer there. */
  readonly missing: boolean;
}

export interface ModelPlace {
  readonly id: string;
  readonly kind: "hugging-face" | "lm-studio" | "folder";
  readonly folder: string;
  /** The variable of the environment that says so; null where none does. */
  readonly saidBy: string | null;
}

export interface PlacedModels {
  /** False: nothing was ever put there. */
  readonly exists: boolean;
  /** By date, the latest first. */
  readonly models: readonly CachedModel[];
  /** There are more than are listed. */
  readonly truncated: boolean;
}

export interface CachedModel {
  readonly id: string;
  /** "org/name". */
  readonly name: string;
  /** The branch or tag, "main" usually, or the beginning of a hash; null where nothing was downloaded, or outside the Hugging Face cache. */
  readonly revision: string | null;
  /** Of the weights that would be read. */
  readonly bytes: number;
  /** When something was last put there: milliseconds since 1970. */
  readonly modifiedMs: number;
  /** Why it cannot be opened; null where nothing shows that it cannot. */
  readonly problem: string | null;
}

/** A base that another model names. */
export interface ModelOffer {
  readonly id: string;
  readonly name: string;
  readonly place: "cache" | "listed" | "beside";
  /** A sentence without its end. */
  readonly because: string;
}

export interface SampleTriple {
  readonly target: CheckpointSummary;
  readonly chat: CheckpointSummary;
  readonly base: CheckpointSummary;
}

/** A recipe's file: saving writes there. */
export interface RecipeDocument {
  readonly id: string;
  readonly name: string;
  readonly path: string;
}

export interface OpenedRecipe {
  /** Null for a mergekit file, which is saved as a new recipe. */
  readonly document: RecipeDocument | null;
  /** The file's. */
  readonly name: string;
  /** With ids of `models` in place of paths. */
  readonly recipe: Recipe;
  readonly models: readonly NamedModel[];
  /** What of a mergekit file has no effect, or is not quite the same. */
  readonly notes: readonly { readonly where: string; readonly message: string }[];
  /** It was brought back: what it says is in no file. */
  readonly isUnsaved: boolean;
}

/** A recipe that an earlier start of the program, or a page that crashed, left unsaved. */
export interface UnsavedRecipe {
  readonly id: string;
  readonly name: string;
  /** When it was changed last: milliseconds since 1970. */
  readonly keptMs: number;
  /** Of its file; null where it has none. */
  readonly path: string | null;
}

/** A model that a recipe names: opened, or with the reason why not. */
export interface NamedModel {
  readonly id: string;
  readonly name: string;
  readonly model: CheckpointSummary | null;
  readonly failure: Failure | null;
}

/** What another program did to what is open. */
export interface ChangedOnDisk {
  readonly models: readonly { readonly id: string; readonly name: string }[];
  /** `gone`: there is no such file any more. */
  readonly recipe: "changed" | "gone" | null;
}

export interface HandedModel {
  readonly id: string;
  readonly name: string;
}

export interface RecentRecipe {
  readonly id: string;
  readonly name: string;
  readonly folder: string;
  /** It is no longer there. */
  readonly missing: boolean;
}

export interface RecipeToKeep {
  readonly name: string;
  readonly recipe: RecipeInput;
  readonly documentId: string | null;
}

export interface SaveRecipeRequest {
  /** With ids of opened checkpoints, or of models that an opened recipe names. */
  readonly recipe: RecipeInput;
  readonly documentId: string | null;
  /** Ask for a file, whether there is one or not. */
  readonly as: boolean;
}

export interface MergekitFile {
  readonly path: string;
  /** What mergekit does otherwise. */
  readonly notes: readonly string[];
}

export interface PlanSummary {
  readonly rows: readonly PlanRow[];
  readonly problems: readonly Problem[];
  /** No error and no open decision: Export may start. */
  readonly exportable: boolean;
  readonly mergedCount: number;
  readonly copiedCount: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly fileCount: number;
  /** Tokens of the first vector's chat model that the target could have. */
  readonly chatTokens: ChatTokenOutlook;
}

export interface PlanRow {
  readonly name: string;
  readonly shape: readonly number[];
  readonly layer: number | null;
  readonly action: "merge" | "copy";
  readonly reason: string;
  /** λ of the first vector; null when copied. */
  readonly scale: number | null;
  readonly inputDtype: string;
  readonly outputDtype: string;
  readonly byteLength: number;
}

export interface OutputChoice {
  readonly id: string;
  readonly path: string;
  /** Something is there already; exporting replaces it only when asked to. */
  readonly exists: boolean;
  readonly freeBytes: number | null;
  /** An export to this folder that did not come to its end, and how far it came. */
  readonly unfinished: {
    readonly bytesWritten: number;
    readonly bytesToWrite: number;
    /** ISO 8601; null for the one that ended just now. */
    readonly startedAt: string | null;
  } | null;
}

export interface ExportRequest {
  readonly recipe: RecipeInput;
  readonly outputId: string;
  readonly overwrite: boolean;
  /** What becomes of an unfinished export to that folder: it goes on, or its place is taken. */
  readonly unfinished: "resume" | "replace";
}

/** What has the engine, where something else has to wait for it. */
export interface WaitsFor {
  readonly work: "export" | "measuring";
  /** What the window is called whose work that is; null for this window itself. */
  readonly window: string | null;
}

export interface JobState {
  readonly id: string;
  /** `waiting`: another window has the engine. */
  readonly phase: "waiting" | "preparing" | "merging" | "paused" | "verifying" | "done" | "failed" | "cancelled";
  /** While it waits. */
  readonly waitsFor: WaitsFor | null;
  readonly outputPath: string;
  readonly bytesRead: number;
  readonly bytesToRead: number;
  readonly bytesWritten: number;
  readonly bytesToWrite: number;
  readonly seconds: number;
  /** Bytes read and written per second over the last seconds; null before it is known. */
  readonly bytesPerSecond: number | null;
  readonly secondsLeft: number | null;
  readonly result: ExportResult | null;
  readonly failure: Failure | null;
  /** What was written is kept: an export to the same folder can go on with it. */
  readonly resumable: boolean;
}

/** What `merge --json` prints and the result card shows. */
export interface ExportResult {
  readonly out: string;
  /** ISO 8601, where it was finished before: nothing was written now. */
  readonly finishedAt?: string;
  readonly backend: "gpu" | "cpu";
  readonly adapter: string;
  /** Why this one computed: goes on after "because". */
  readonly because: string;
  readonly seconds: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly tensors: { readonly merged: number; readonly copied: number };
  /** sha256: hexadecimal digits. */
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly sha256: string | null }[];
  readonly verified: { readonly samples: number; readonly mismatches: number };
  readonly problems: readonly Problem[];
}

export interface MeasureRequest {
  /** Ids of opened checkpoints. */
  readonly target: string | null;
  readonly vectors: readonly { readonly name: string; readonly chat: string; readonly base: string }[];
  readonly vocabulary?: RecipeInput["vocabulary"];
}

export interface MeasureStart {
  readonly measure: MeasureState;
  /** Every tensor that is measured, in the target's order. */
  readonly rows: readonly MeasureRow[];
  /** What is known already. */
  readonly tensors: readonly TensorStatistics[];
}

export interface MeasureRow {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly elementCount: number;
  readonly layer: number | null;
  readonly module: string;
}

export interface MeasureState {
  readonly id: string;
  /** `paused`: something else has the engine; measuring goes on after it. */
  readonly phase: "measuring" | "paused" | "done" | "cancelled" | "failed";
  /** While it is paused. */
  readonly waitsFor: WaitsFor | null;
  readonly bytesRead: number;
  readonly bytesToRead: number;
  readonly bytesPerSecond: number | null;
  readonly secondsLeft: number | null;
  /** All of it was known from an earlier time; nothing was read. */
  readonly remembered: boolean;
  readonly failure: Failure | null;
}

export interface InspectRequest extends MeasureRequest {
  readonly tensor: string;
  /** Index of the vector whose τ is looked at. */
  readonly vector: number;
}

export interface TensorDetail {
  readonly tensor: string;
  /** ‖τ‖ of each row; at most 4,096 numbers: of more rows each is the norm of `rowsPerNorm` together. */
  readonly rowNorms: readonly number[];
  readonly rowsPerNorm: number;
  readonly rowCount: number;
  /** The rows that changed most, largest first; `token` for embeddings and heads whose vocabulary can be read. */
  readonly topRows: readonly { readonly row: number; readonly norm: number; readonly token: string | null }[];
  /** Values by magnitude and sign, of each model that has the tensor. */
  readonly values: readonly ValueHistogram[];
}

export interface ValueHistogram {
  readonly role: "target" | "chat" | "base";
  /** Bin i holds the values in [least + i·width, least + (i+1)·width). */
  readonly least: number;
  readonly width: number;
  readonly counts: readonly number[];
}

export interface PeekRequest {
  readonly checkpoint: string;
  readonly tensor: string;
  /** A tensor of more than two dimensions is shown as its first one by all others. */
  readonly row: number;
  readonly column: number;
  readonly rowCount: number;
  readonly columnCount: number;
}

export interface ValueWindow {
  readonly rowCount: number;
  readonly columnCount: number;
  /** Row by row; fewer than asked for at the tensor's edges. */
  readonly values: readonly (readonly number[])[];
}

export interface Figure {
  /** Without ending. */
  readonly name: string;
  readonly type: "svg" | "png" | "csv";
  readonly data: string | Uint8Array;
}

export interface ToldState {
  /** What is merged here, for the title: the recipe's file, or its models; "" for nothing yet. */
  readonly name: string;
  /** The recipe's file says something else by now. */
  readonly edited: boolean;
  /** The recipe's file, by its id; null for none. */
  readonly documentId: string | null;
  /** What may come here that the system hands over: anything where nothing was begun, models where a role is empty. */
  readonly takes: "anything" | "models" | "nothing";
  /** The name of the recipe that has changes which are not saved, "" for one that has no file; null for none. */
  readonly unsaved: string | null;
  readonly actions: readonly MenuAction[];
}

/** An item of a native menu. */
export interface MenuAction {
  readonly id: string;
  readonly label: string;
  readonly menu: "file" | "edit" | "view" | "help";
  /** Lines part groups; they come in the order of their first items. */
  readonly group: number;
  /** "Mod+Shift+S", Mod being Ctrl, or ⌘ on macOS. */
  readonly shortcut: string | null;
  readonly enabled: boolean;
  /** Null: it cannot be checked. */
  readonly checked: boolean | null;
}

export type StudioEvent =
  /** Chosen in a menu. */
  | { readonly type: "action"; readonly id: string }
  /** The window is to be closed once the recipe is saved. */
  | { readonly type: "closing" }
  /** The system hands something to open: `handedRecipe` and `handedModels` have it. */
  | { readonly type: "handed" }
  | { readonly type: "measure"; readonly measure: MeasureState }
  | { readonly type: "tensors"; readonly measureId: string; readonly tensors: readonly TensorStatistics[] }
  /** The window was turned to, and something of it is no longer on disk as it was opened; or it is again. */
  | { readonly type: "changed"; readonly changed: ChangedOnDisk }
  /** A model was changed on disk since it was opened, and opened anew under its id. */
  | { readonly type: "reopened"; readonly model: CheckpointSummary }
  | { readonly type: "settings"; readonly settings: ShownSettings }
  | { readonly type: "job"; readonly job: JobState }
  | { readonly type: "engine"; readonly engine: EngineState };
