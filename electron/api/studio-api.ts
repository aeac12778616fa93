import type { Problem } from "../../src-core/plan/problem.ts";
import type { RecipeInput } from "../../src-core/recipe/recipe.ts";
import type { Environment } from "./environment.ts";
import type { ExportRequest, JobState, OutputChoice } from "./exports.ts";
import type {
  InspectRequest,
  MeasureRequest,
  MeasureStart,
  PeekRequest,
  TensorDetail,
  ValueWindow,
} from "./measuring.ts";
import type {
  CheckpointSummary,
  HandedModel,
  ModelOffer,
  ModelPlace,
  PlacedModels,
  RecentModel,
  SampleTriple,
} from "./models.ts";
import type { Outcome } from "./outcome.ts";
import type { PlanSummary } from "./plan.ts";
import type {
  MergekitFile,
  OpenedRecipe,
  RecentRecipe,
  RecipeDocument,
  RecipeToKeep,
  SaveRecipeRequest,
  UnsavedRecipe,
} from "./recipes.ts";
import type { KeptMeasurements, SettingsChange, ShownSettings } from "./settings.ts";
import type { Figure, StudioEvent, ToldState } from "./window.ts";

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
