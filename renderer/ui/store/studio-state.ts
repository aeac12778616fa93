import type { EngineState, Environment } from "../../../electron/api/environment.ts";
import type { JobState, OutputChoice } from "../../../electron/api/exports.ts";
import type {
  MeasureRequest,
  MeasureRow,
  MeasureState,
  TensorDetail,
  ValueWindow,
} from "../../../electron/api/measuring.ts";
import type {
  CheckpointSummary,
  ModelOffer,
  ModelPlace,
  PlacedModels,
  RecentModel,
} from "../../../electron/api/models.ts";
import type { Outcome } from "../../../electron/api/outcome.ts";
import type { PlanSummary } from "../../../electron/api/plan.ts";
import type {
  ChangedOnDisk,
  OpenedRecipe,
  RecentRecipe,
  RecipeDocument,
  UnsavedRecipe,
} from "../../../electron/api/recipes.ts";
import type { KeptMeasurements, SettingsChange, ShownSettings } from "../../../electron/api/settings.ts";
import type { Problem, ProblemCode } from "../../../src-core/plan/problem.ts";
import type { OutputDtype, RecipeInput, VocabularyPolicy } from "../../../src-core/recipe/recipe.ts";
import type { KnownStatistics } from "../../../src-core/statistics/cell-values.ts";
import type { Comparison } from "../../../src-core/statistics/comparison.ts";
import type { MetricKey } from "../../../src-core/statistics/metric.ts";
import type { TensorStatistics } from "../../../src-core/statistics/tensor-statistics.ts";
import type { CurvePoint, CurvePreset } from "../shape/layer-curve.ts";
import type { DroppedModel, DroppedRole } from "./dropped-roles.ts";
import type { EditedVector } from "./edited-vector.ts";
import type { ModelOrigin, ModelSlot, Role } from "./model-slot.ts";
import type { ShownModels } from "./recipe-models.ts";
import type { ShownFailure } from "./shown-failure.ts";

/** All that the window knows, in one place, by concept. Each slice is made in the file of its name. */
export type StudioState = EnvironmentSlice &
  ModelsSlice &
  PickSlice &
  VectorsSlice &
  RecipeSlice &
  DiskSlice &
  UnsavedSlice &
  HistorySlice &
  PanelSlice &
  TourSlice &
  SettingsSlice &
  PlanSlice &
  ShapeSlice &
  MeasureSlice &
  ViewSlice &
  InspectSlice &
  PeekSlice &
  FigureSlice &
  OutputSlice &
  PreflightSlice &
  JobSlice;

export interface EnvironmentSlice {
  readonly environment: Environment | null;
  /** Known from events, even before the environment has answered. */
  readonly engine: EngineState | null;
  /** What concerns the whole window and no card or panel in it. */
  readonly windowFailure: ShownFailure | null;
  /** Something that the user should know and need not do anything about. */
  readonly windowNotice: string | null;
  loadEnvironment(): Promise<void>;
  showWindowFailure(failure: ShownFailure): void;
  dismissWindowFailure(): void;
  dismissWindowNotice(): void;
}

export interface ModelsSlice {
  readonly target: ModelSlot;
  readonly samplesFailure: ShownFailure | null;
  /** Fills a role from a dialog or a drop. Chat and base are the selected vector's, here and below. */
  openModel(role: Role, origin: Exclude<ModelOrigin, { kind: "samples" }>): Promise<void>;
  /** A drop on one card. */
  dropOnCard(role: Role, files: readonly File[]): Promise<void>;
  /** A drop elsewhere: opens a recipe, or proposes roles for models. */
  dropOnWindow(files: readonly File[]): Promise<void>;
  retryModel(role: Role): Promise<void>;
  dismissModelFailure(role: Role): void;
  /** Empties the role, or stops waiting for what is being opened for it. */
  clearModel(role: Role): void;
  swapModels(one: Role, other: Role): void;
  /** Puts opened models on cards, all at once; false, and said, when the models may not change now. */
  placeModels(models: readonly (readonly [Role, CheckpointSummary])[]): boolean;
  openSamples(): Promise<void>;
  /** A model's files changed on disk, and main opened it anew under its id: nothing that was said of the old one stands. */
  applyReopened(model: CheckpointSummary): void;
  /** Puts an opened recipe's models in place of all, with what else it says. */
  installModels(models: ShownModels, more: Partial<StudioState>): void;
  /** Lets main forget those of these models that no card shows any more. */
  releaseModels(models: readonly (CheckpointSummary | null)[]): Promise<void>;
}

/** Where models come from without a dialog, and which role they are for. Nothing of it takes effect until the user says so. */
export interface PickSlice {
  readonly recentModels: readonly RecentModel[];
  /** Null while it is not known where models lie. */
  readonly modelPlaces: readonly ListedPlace[] | null;
  readonly modelPlacesFailure: ShownFailure | null;
  /** The card whose list of recent and cached models is open. */
  readonly pickingRole: Role | null;
  /** Null closes the list. */
  showPicker(role: Role | null): void;
  /** For an empty base card. */
  readonly baseOffers: readonly ModelOffer[];
  /** Opened, and waiting for the user to agree to their roles. */
  readonly dropped: readonly DroppedModel[];
  /** What is being opened to be proposed a role. */
  readonly droppedNames: readonly string[];
  loadRecentModels(): Promise<void>;
  /** Looks through all places anew; each is shown as soon as it is known. */
  loadModelPlaces(): Promise<void>;
  followBaseOffers(): Promise<void>;
  proposeForDropped(files: readonly File[]): Promise<void>;
  /** Proposes roles for models that the system handed the program. */
  proposeForHanded(): Promise<void>;
  proposeForOffered(offer: { readonly id: string; readonly name: string }): Promise<void>;
  chooseDroppedRole(id: string, role: DroppedRole | null): void;
  takeDropped(): void;
  leaveDropped(): void;
}

/** A place of models, and what it holds: null while it was not looked through, or cannot be. */
export interface ListedPlace extends ModelPlace {
  readonly listing: PlacedModels | null;
  readonly failure: ShownFailure | null;
}

/** The recipe's file, if there is one: opened, saved, or neither. */
export interface RecipeSlice {
  readonly document: RecipeDocument | null;
  /** The recipe as it was opened or saved last, to tell whether it was edited; null for one that has no file. */
  readonly savedRecipe: string | null;
  /** As it was exported last: the exported model keeps it. */
  readonly exportedRecipe: string | null;
  /** What an opened recipe says that the window has no control for: it is planned and saved as it is. */
  readonly recipeRest: Omit<RecipeInput, "target" | "vectors" | "vocabulary" | "onMismatch">;
  /** It was brought back after a crash: all of it is in no file. */
  readonly isBroughtBack: boolean;
  readonly recents: readonly RecentRecipe[];
  /** Why no recipe was opened or written; what was there stands. */
  readonly recipeFailure: ShownFailure | null;
  /** What mergekit means otherwise, on reading or writing. */
  readonly recipeNotes: { readonly title: string; readonly notes: readonly string[] } | null;
  /** A recipe is to be opened over changes that were not saved: goes on once the user has said so. */
  readonly openingOver: { readonly proceed: () => Promise<void> } | null;
  /** Saves first, lets the changes go, or opens nothing. */
  openOver(choice: "save" | "discard" | "cancel"): Promise<void>;
  /** Opens what the call brings; asks first where changes would be lost. */
  openInPlace(call: () => Promise<Outcome<OpenedRecipe | null>>): Promise<void>;
  openRecipe(): Promise<void>;
  dropRecipe(file: File): Promise<void>;
  openRecentRecipe(id: string): Promise<void>;
  /** Opens what the system hands the program. */
  openHandedRecipe(): Promise<void>;
  loadRecents(): Promise<void>;
  /** To its file, or to one that is asked for. */
  saveRecipe(options: { readonly as: boolean }): Promise<void>;
  exportMergekit(): Promise<void>;
  dismissRecipeFailure(): void;
  dismissRecipeNotes(): void;
}

/** Recipes that an earlier start of the program left unsaved. */
export interface UnsavedSlice {
  readonly unsavedRecipes: readonly UnsavedRecipe[];
  loadUnsaved(): Promise<void>;
  bringBack(id: string): Promise<void>;
  discardUnsaved(id: string): Promise<void>;
}

/** What another program did to files that are open here. */
export interface DiskSlice {
  readonly changedModels: ChangedOnDisk["models"];
  readonly recipeChange: ChangedOnDisk["recipe"];
  applyChanged(changed: ChangedOnDisk): void;
  /** Reads the changed models anew. */
  openChangedModels(): Promise<void>;
  /** The recipe as its file says it now, in place of what is here. */
  reopenRecipe(): Promise<void>;
  dismissRecipeChange(): void;
}

/** What undo brings back: all that a user decides about the merge. The state is never changed in place, so holding on to it costs nothing. */
export type RecordedEdit = Pick<
  StudioState,
  "target" | "vectors" | "selectedVector" | "decisions" | "recipeRest" | "output" | "outputPicked"
>;

/** A state that can be gone to, and what changed between it and the next one. */
export interface HistoryStep {
  /** "λ", "rules": goes on after "Undo change of". */
  readonly name: string;
  readonly edit: RecordedEdit;
}

/** What was done to the recipe since it was opened or begun. */
export interface HistorySlice {
  /** States before the present one, the latest last. */
  readonly past: readonly HistoryStep[];
  /** States that were undone, the next one last. */
  readonly future: readonly HistoryStep[];
  /** One step back. Models that no card shows any more are opened again first; does nothing while an export runs. */
  undo(): Promise<void>;
  redo(): Promise<void>;
  /** The state was another: keeps it, unless this goes on with the change before. */
  recordEdit(before: StudioState): void;
  /** A mouse button went down or up: what changes in between is one step, and none with what came before. */
  holdEdit(held: boolean): void;
  /** Another recipe begins. */
  forgetHistory(): void;
}

/** What lies over the window for a while, and what is asked of the program itself. */
export interface PanelSlice {
  readonly panel: Panel | null;
  /** Chosen in a native menu, not yet done. */
  readonly chosenAction: string | null;
  showPanel(panel: Panel): void;
  closePanel(): void;
  newWindow(): Promise<void>;
  /** Onto the clipboard; without what names the user unless that is wanted. */
  copyDiagnostics(withPaths: boolean): Promise<void>;
  /** The window is being closed, and the user wants the recipe saved first. */
  saveBeforeClosing(): Promise<void>;
}

/** The tour: a note beside the control that it is about, one after another. */
export interface TourSlice {
  /** Null while there is no tour. */
  readonly tour: Tour | null;
  /** From its beginning, because the user wants it. */
  startTour(): void;
  /** Past the last stop it ends. */
  goToTourStop(stop: number): void;
  endTour(): void;
  /** Comes by itself, the first time that the program is used. */
  offerTour(): Promise<void>;
  /** Goes along with what the user does meanwhile. */
  followTour(before: StudioState): void;
}

export interface Tour {
  /** From 0. */
  readonly stop: number;
  /** It came by itself: the focus stays where it is. */
  readonly uninvited: boolean;
}

export type Panel = "commands" | "about" | "news" | "words" | "settings" | "licenses";

/** What holds for every recipe, and how new ones begin. Main keeps it; the window shows what main says. */
export interface SettingsSlice {
  readonly settings: ShownSettings | null;
  /** Why they are not known, or the last change was not kept. */
  readonly settingsFailure: ShownFailure | null;
  /** Null while they were not counted. */
  readonly keptMeasurements: KeptMeasurements | null;
  loadSettings(): Promise<void>;
  /** News from main. */
  applySettings(settings: ShownSettings): void;
  changeSettings(change: SettingsChange): Promise<void>;
  pickExportFolder(): Promise<void>;
  clearExportFolder(): Promise<void>;
  addModelFolder(): Promise<void>;
  removeModelFolder(id: string): Promise<void>;
  countMeasurements(): Promise<void>;
  forgetMeasurements(): Promise<void>;
  openLogs(): Promise<void>;
  openRuntimeLicenses(): Promise<void>;
  dismissSettingsFailure(): void;
}

/** The chat vectors that are added, in order. */
export interface VectorsSlice {
  /** At least one. */
  readonly vectors: readonly EditedVector[];
  /** The id of the one that is edited and shown. */
  readonly selectedVector: string;
  selectVector(id: string): void;
  /** With the first vector's base, and selected. */
  addVector(): void;
  /** One for each of these chat models, behind the others, with the first vector's base; as many as there may be. */
  addVectorsOf(chats: readonly CheckpointSummary[]): void;
  /** The last one stays. */
  removeVector(id: string): void;
  /** Moves a vector by so many places; the first gives chat template and tokenizer. */
  moveVector(id: string, places: number): void;
  /** An empty name lets it go by its chat model's. */
  renameVector(id: string, name: string): void;
}

/** What the user decided about problems; what is absent is undecided. */
export interface Decisions {
  readonly vocabulary?: VocabularyPolicy;
  readonly onMismatch?: "keep-target";
}

export interface OutputChange {
  readonly dtype?: OutputDtype;
  /** Of tensors in one file, at most. */
  readonly shardBytes?: number;
}

export interface PlanSlice {
  readonly decisions: Decisions;
  /** The latest plan; null while models are missing, being planned for the first time, or failing. */
  readonly plan: PlanSummary | null;
  readonly planning: boolean;
  readonly planFailure: ShownFailure | null;
  readonly selectedTensor: string | null;
  /** λ of the selected vector, here and below. */
  setScale(scale: number): void;
  typeScale(text: string): void;
  /** Adds steps of `scaleStep`. */
  stepScale(steps: number): void;
  /** Back to the λ in effect, as it is written. */
  restoreScaleText(): void;
  choose(code: ProblemCode, choiceId: string): void;
  /** Gives a token of the chat model to the target, or leaves it out; `replaces` is a free token whose row it takes. */
  takeChatToken(token: string, taken: boolean, replaces?: string): void;
  /** How this recipe's output is written. */
  changeOutput(change: OutputChange): void;
  selectTensor(name: string | null): void;
  replan(): void;
  /** Another set of models: the old plan says nothing about it; nor do old decisions where a model took another's place. */
  modelsChanged(change: { readonly replaced: boolean }): void;
}

/** λ of the selected vector over the layers and by name: with the scale, all that decides a tensor's λ. */
export interface ShapeSlice {
  /** The rule whose curve and λ outside the layers are edited, here and below; null, or one that is gone: the vector's own. */
  readonly shapedRule: string | null;
  shapeRule(id: string | null): void;
  setCurve(points: readonly CurvePoint[]): void;
  applyPreset(preset: CurvePreset): void;
  resetCurve(): void;
  /** λ outside the layers; null: the plain scale holds there. */
  setOutside(outside: number | null): void;
  /** Of the vector, whatever is edited. */
  resetOutside(): void;
  /** The field of a new rule that wants the focus once it is there. */
  readonly ruleToFocus: { readonly id: string; readonly field: "pattern" | "scale" } | null;
  ruleFocused(): void;
  /** Adds rules before all others, so that they hold; with the λ in effect now, unless told another. */
  addRules(patterns: readonly string[], scale?: number): void;
  changeRulePattern(id: string, tensors: string): void;
  typeRuleScale(id: string, text: string): void;
  restoreRuleScaleText(id: string): void;
  removeRule(id: string): void;
  /** Moves a rule by so many places; the order decides which holds. */
  moveRule(id: string, places: number): void;
}

export interface MeasureSlice {
  /** What is being measured, or was; null while there is nothing to measure. */
  readonly measureRequest: MeasureRequest | null;
  readonly measure: MeasureState | null;
  /** Asked for, not yet answered by main. */
  readonly measureStarting: boolean;
  /** Why measuring did not start, or could not be stopped. */
  readonly measureFailure: ShownFailure | null;
  readonly measureRows: readonly MeasureRow[];
  /** By row. */
  readonly statistics: KnownStatistics;
  /** Follows the models and the decisions about them; does nothing when they ask for what is measured already. */
  followModels(): void;
  /** The same models hold something else now. */
  forgetMeasured(): void;
  /** Starts, starts again, or goes on. */
  startMeasure(): Promise<void>;
  cancelMeasure(): Promise<void>;
  /** News from main. */
  applyMeasure(measure: MeasureState): void;
  applyTensors(measureId: string, tensors: readonly TensorStatistics[]): void;
}

export type View = "heatmap" | "compare" | "plan";

/** Several tensors that one cell of the heatmap takes together. */
export interface SelectedCell {
  readonly label: string;
  readonly layer: number | null;
  readonly tensors: readonly string[];
}

export interface ViewSlice {
  readonly view: View;
  /** As chosen; where a model that it needs is missing, `shownMetric` falls back. */
  readonly metric: MetricKey;
  readonly logScale: boolean;
  /** Rows that are open, by key. */
  readonly openRows: ReadonlySet<string>;
  /** Null where one tensor is selected, or none. */
  readonly selectedCell: SelectedCell | null;
  readonly comparison: Comparison;
  showView(view: View): void;
  chooseMetric(metric: MetricKey): void;
  setLogScale(logScale: boolean): void;
  toggleRow(key: string): void;
  /** One tensor is selected as itself. */
  selectCell(cell: SelectedCell): void;
  compareBy(comparison: Comparison): void;
}

/** What is read of the selected tensor alone. */
export interface InspectSlice {
  readonly inspection: Inspection | null;
  /** The selection moved: reads after a short stay, unless the tensor is very large. */
  followSelection(): void;
  readRows(): Promise<void>;
}

export interface Inspection {
  readonly tensor: string;
  /** `offered`: large enough that reading waits to be asked for. */
  readonly status: "waiting" | "offered" | "reading" | "done" | "failed";
  readonly detail: TensorDetail | null;
  readonly failure: ShownFailure | null;
}

/** A look at the values of the selected tensor. */
export interface PeekSlice {
  readonly peek: Peek;
  /** The selection moved: back to the first value. */
  followPeek(): void;
  peekAt(change: Partial<Pick<Peek, "role" | "row" | "column" | "columnCount">>): void;
}

export interface Peek {
  readonly role: Role;
  readonly row: number;
  readonly column: number;
  readonly columnCount: number;
  readonly values: ValueWindow | null;
  readonly failure: ShownFailure | null;
}

export interface FigureSlice {
  readonly figureFailure: ShownFailure | null;
  readonly savingFigure: boolean;
  /** True when it was saved. */
  saveFigure(type: "svg" | "png" | "csv"): Promise<boolean>;
  dismissFigureFailure(): void;
}

export interface OutputSlice {
  readonly output: OutputChoice | null;
  /** A proposed folder follows the target; a picked one stays. */
  readonly outputPicked: boolean;
  readonly outputFailure: ShownFailure | null;
  /** Said in place, for this folder only. */
  readonly overwrite: boolean;
  /** Proposes a folder for the present target, unless one was picked. */
  targetChanged(): Promise<void>;
  proposeOutput(): Promise<void>;
  pickOutput(): Promise<void>;
  setOverwrite(overwrite: boolean): void;
  /** An unfinished export to this folder is not gone on with. */
  readonly startsOver: boolean;
  setStartsOver(startsOver: boolean): void;
  /** An export ended before its end: what it leaves can be gone on with, or is gone. */
  outputWasLeft(job: JobState): void;
  /** Something is at the output now: proposes another, or asks for a picked one to be replaced. */
  outputWasWritten(): Promise<void>;
  outputExists(): void;
}

export interface PreflightSlice {
  /** What main found of the present export before it starts; null while that is not known. */
  readonly preflight: { readonly failure: ShownFailure | null; readonly notices: readonly Problem[] } | null;
  /** Asks again where the export, or the place for it, is another one than before. */
  checkExport(): Promise<void>;
}

export interface JobSlice {
  /** The running export, or the last one until it is dismissed or followed. */
  readonly job: JobState | null;
  /** Asked for, not yet answered by main. */
  readonly starting: boolean;
  readonly cancelling: boolean;
  /** Asked for; what is in flight is still written. */
  readonly pausing: boolean;
  /** Why an export did not start, or an action on the job failed. */
  readonly jobFailure: ShownFailure | null;
  startExport(): Promise<void>;
  cancelExport(): Promise<void>;
  pauseExport(): Promise<void>;
  resumeExport(): Promise<void>;
  showInFolder(): Promise<void>;
  /** True when the path is on the clipboard. */
  copyPath(): Promise<boolean>;
  /** While `dragstart` is being handled. */
  dragOut(): Promise<void>;
  readonly moving: boolean;
  moveExport(): Promise<void>;
  dismissJob(): void;
  /** News of a job from main. */
  applyJob(job: JobState): void;
}
