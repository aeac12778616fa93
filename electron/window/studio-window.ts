import type { BrowserWindow } from "electron";
import { shownText } from "../../src-core/checkpoint/quote.ts";
import type { Environment } from "../api/environment.ts";
import type { StudioEvent, ToldState } from "../api/window.ts";
import { Catalog } from "../checkpoints/catalog.ts";
import { Jobs } from "../export/jobs.ts";
import type { Handlers } from "../ipc/ipc.ts";
import { eventChannel } from "../ipc/ipc-channels.ts";
import { MeasureSessions } from "../measuring/measure-session.ts";
import { TensorInspector } from "../measuring/tensor-inspector.ts";
import { ModelOffers } from "../models/model-offers.ts";
import { RecipeDocuments } from "../recipes/recipe-documents.ts";
import { Closing } from "./closing.ts";
import { DiskCheck } from "./disk-check.ts";
import { Handed } from "./handed.ts";
import { JobAttention } from "./job-attention.ts";
import { OutputFolders } from "./output-folders.ts";
import { RecipeKeeper } from "./recipe-keeper.ts";
import type { SharedParts } from "./shared-parts.ts";
import type { KeptRecipe } from "./unsaved-recipes.ts";
import { WindowDialogs } from "./window-dialogs.ts";
import { WindowModels } from "./window-models.ts";
import { windowRequests } from "./window-requests.ts";

const nothingTold: ToldState = {
  name: "",
  edited: false,
  documentId: null,
  takes: "anything",
  unsaved: null,
  actions: [],
};

/** A page that crashes more often than this in a minute would go on with it. */
const maximumCrashes = 3;
const crashWindowMs = 60_000;

export interface StudioWindowEvents {
  /** What its menus and its title say is another. */
  onTold(): void;
  onNewWindow(): void;
  /** A recipe that was left unsaved is wanted again. */
  onBringBack(id: string, kept: KeptRecipe): void;
  onClosed(): void;
}

/** One window with its recipe: models, folders and jobs of its own, which no other window knows. */
export class StudioWindow {
  readonly browser: BrowserWindow;
  /** Its number among the open windows. */
  readonly slot: number;
  readonly handlers: Handlers;
  readonly closing: Closing;
  readonly #shared: SharedParts;
  readonly #events: StudioWindowEvents;
  readonly #catalog = new Catalog();
  readonly #jobs: Jobs;
  readonly #measures: MeasureSessions;
  readonly #recipes: RecipeDocuments;
  readonly #handed: Handed;
  readonly #disk: DiskCheck;
  readonly #keeper: RecipeKeeper;
  readonly #dialogs = new WindowDialogs(() => (this.#isOpen ? this.browser : null));
  #told: ToldState = nothingTold;
  #answerClosing: (saved: boolean) => void = () => {};
  #isOpen = true;
  #isLeaving = false;
  #isClosing = false;
  /** When its page has crashed. */
  readonly #crashes: number[] = [];

  constructor(browser: BrowserWindow, slot: number, shared: SharedParts, events: StudioWindowEvents) {
    this.browser = browser;
    this.slot = slot;
    this.#shared = shared;
    this.#events = events;
    const services = { catalog: this.#catalog, engine: shared.engine, version: shared.version };
    const inTurn = { turns: shared.turns, owner: this };
    const attention = new JobAttention(() => (this.#isOpen ? this.browser : null));
    this.#jobs = new Jobs({ ...services, measurements: shared.measurements }, inTurn, (job) => {
      shared.log.job(job);
      this.send({ type: "job", job });
      attention.follow(job);
    });
    this.#measures = new MeasureSessions(services, inTurn, shared.measurements, {
      onState: (measure) => this.send({ type: "measure", measure }),
      onTensors: (measureId, tensors) => this.send({ type: "tensors", measureId, tensors }),
    });
    this.#recipes = new RecipeDocuments(this.#catalog, shared.recentRecipes);
    this.#keeper = new RecipeKeeper(shared.unsaved, this.#recipes);
    this.#disk = new DiskCheck(this.#catalog, this.#recipes, (changed) => this.send({ type: "changed", changed }));
    const offers = new ModelOffers(this.#catalog, shared.recentModels, () => shared.settings.present.modelFolders);
    this.#handed = new Handed(this.#recipes, offers);
    this.closing = new Closing({
      unsaved: () => this.#told.unsaved,
      exporting: () => this.#jobs.running,
      ask: (options) => this.#dialogs.ask(options),
      save: () => this.#saveBeforeClosing(),
      stopExports: () => this.#jobs.stopAll(),
    });
    this.handlers = windowRequests({
      catalog: this.#catalog,
      models: new WindowModels(this.#catalog, offers),
      offers,
      recipes: this.#recipes,
      recents: shared.recentRecipes,
      measures: this.#measures,
      inspector: new TensorInspector(services),
      jobs: this.#jobs,
      outputs: new OutputFolders(this.#dialogs, () => shared.settings.present.exportFolder),
      dialogs: this.#dialogs,
      settings: shared.desk,
      handed: this.#handed,
      keeper: this.#keeper,
      unsavedRecipes: () => shared.unsaved.offersFor(this),
      bringBack: (id) => {
        const kept = shared.unsaved.take(id);
        if (kept !== null) events.onBringBack(id, kept);
      },
      discardUnsaved: (id) => shared.unsaved.discard(id),
      contents: () => (this.#isOpen ? this.browser.webContents : null),
      environment: () => this.#environment(),
      copyDiagnostics: (withPaths) =>
        shared.log.copyDiagnostics(withPaths, { engine: shared.engine.state, job: this.#jobs.latest }),
      newWindow: () => events.onNewWindow(),
      tell: (told) => this.#tell(told),
      answerClosing: (saved) => this.#answerClosing(saved),
      onReopened: (model) => this.send({ type: "reopened", model }),
    });
    this.#listen();
  }

  get told(): ToldState {
    return this.#told;
  }

  /** What is merged here, as the title and other windows say. */
  get name(): string {
    return this.#told.name === "" ? "New merge" : shownText(this.#told.name);
  }

  /** Where the recipe that is open here lies; null for none. */
  get recipePath(): string | null {
    const { documentId } = this.#told;
    return documentId === null ? null : this.#recipes.pathOf(documentId);
  }

  send(event: StudioEvent): void {
    // Its page goes before the window says that it is closed.
    if (this.#isOpen && !this.browser.isDestroyed() && !this.browser.webContents.isDestroyed()) {
      this.browser.webContents.send(eventChannel, event);
    }
  }

  /** In front, and with the keyboard. */
  show(): void {
    if (this.browser.isMinimized()) this.browser.restore();
    this.browser.focus();
  }

  handRecipe(path: string): void {
    this.#handed.recipe(path);
    this.send({ type: "handed" });
  }

  handUnsaved(id: string, kept: KeptRecipe): void {
    void this.#keeper.adopt(id);
    this.#handed.unsaved(kept);
    this.send({ type: "handed" });
  }

  handModels(paths: readonly string[]): void {
    this.#handed.models(paths);
    this.send({ type: "handed" });
  }

  /** The system shuts down: what runs is stopped, nothing is asked, and what is not saved is kept for the next start. */
  async leave(): Promise<void> {
    this.#isLeaving = true;
    await this.closing.leave();
  }

  /** What is shown here is about to be something else. */
  get isComing(): boolean {
    return this.#handed.isComing;
  }

  #listen(): void {
    this.browser.on("close", (event) => {
      if (!this.closing.mayClose(() => this.browser.close())) return event.preventDefault();
      this.#isClosing = true;
    });
    // Another program may have been at work meanwhile.
    this.browser.on("focus", () => void this.#disk.look(this.#told.documentId));
    // Main says what the title is.
    this.browser.on("page-title-updated", (event) => event.preventDefault());
    // Windows does not wait for an answer.
    this.browser.on("session-end", () => void this.leave());
    this.browser.webContents.on("render-process-gone", (_event, { reason }) => {
      // One that is being closed ends, too.
      if (!this.#isClosing && reason !== "clean-exit") void this.#startAgain();
    });
    // What is done at the window goes before what computes.
    this.browser.webContents.on("input-event", () => this.#shared.engine.rest());
    this.browser.on("closed", () => {
      this.#isOpen = false;
      void this.#letGo();
      this.#events.onClosed();
    });
  }

  async #letGo(): Promise<void> {
    // Where the system ends, nobody was asked: the next start offers what was not saved.
    if (!this.#isLeaving) void this.#keeper.close();
    await Promise.all([this.#jobs.stopAll(), this.#measures.close()]);
    this.#catalog.closeAll();
  }

  /** The page has crashed: another one takes its place, and offers what the old one had. */
  async #startAgain(): Promise<void> {
    this.#tell(nothingTold);
    await this.#keeper.orphan(this);
    this.#crashes.push(Date.now());
    const isHopeless = this.#crashes.filter((at) => at > Date.now() - crashWindowMs).length > maximumCrashes;
    if (this.#isOpen && !this.#isClosing && !isHopeless) this.browser.webContents.reload();
  }

  #tell(told: ToldState): void {
    if (this.#told === nothingTold) this.#shared.log.write("window: answers");
    this.#told = told;
    if (!this.#isOpen) return;
    this.browser.setTitle(titleOf(this.name, told));
    this.browser.setDocumentEdited(told.unsaved !== null);
    this.#events.onTold();
  }

  #saveBeforeClosing(): Promise<boolean> {
    return new Promise((resolve) => {
      this.#answerClosing = resolve;
      this.send({ type: "closing" });
    });
  }

  #environment(): Environment {
    // Asked for by a page that listens from now on.
    if (this.#handed.isWaiting) this.send({ type: "handed" });
    return {
      version: this.#shared.version,
      electron: process.versions.electron ?? "",
      chromium: process.versions.chrome ?? "",
      platform: process.platform,
      runtimeWarning: process.env.CHAT_VECTOR_RUNTIME_WARNING || null,
      engine: this.#shared.engine.state,
      job: this.#jobs.latest,
    };
  }
}

function titleOf(name: string, { edited }: ToldState): string {
  return `${name}${edited ? " (edited)" : ""} – Chat Vector Studio`;
}
