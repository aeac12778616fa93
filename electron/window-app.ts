import { join } from "node:path";
import { app, type BrowserWindow } from "electron";
import { ActivityLog } from "./activity-log.ts";
import type { Environment, OpenedRecipe, StudioEvent, ToldState } from "./api.ts";
import { setApplicationMenu } from "./application-menu.ts";
import { Closing } from "./closing.ts";
import { isDevelopment } from "./development.ts";
import { handleRequests } from "./ipc.ts";
import { eventChannel } from "./ipc-channels.ts";
import { JobAttention } from "./job-attention.ts";
import { Jobs } from "./jobs.ts";
import { KeptJson } from "./kept-json.ts";
import { MeasureSessions } from "./measure-session.ts";
import { MeasurementStore } from "./measurement-store.ts";
import type { MergeServices } from "./merge-services.ts";
import { ModelOffers } from "./model-offers.ts";
import { RecentRecipes } from "./recent-recipes.ts";
import { RecipeDocuments } from "./recipe-documents.ts";
import { SettingsInEffect, settingsSchema } from "./settings.ts";
import { TensorInspector } from "./tensor-inspector.ts";
import { createUiWindow, uiUrl } from "./ui-window.ts";
import { OutputFolders } from "./window/output-folders.ts";
import { WindowDialogs } from "./window/window-dialogs.ts";
import { WindowModels } from "./window/window-models.ts";
import { windowRequests } from "./window/window-requests.ts";

const nothingTold: ToldState = { unsaved: null, actions: [] };

const inProfile = (...names: readonly string[]) => join(app.getPath("userData"), ...names);

/** The application with its window: who answers it, and what the window is told. */
export class WindowApp {
  readonly #services: MergeServices;
  readonly #jobs: Jobs;
  readonly #measures: MeasureSessions;
  readonly #recipes: RecipeDocuments;
  readonly #log: ActivityLog;
  readonly #dialogs = new WindowDialogs(() => this.#window);
  readonly #closing = new Closing({
    unsaved: () => this.#told.unsaved,
    exporting: () => this.#jobs.running,
    ask: (options) => this.#dialogs.ask(options),
    save: () => this.#saveBeforeClosing(),
    stopExports: () => this.#jobs.stopAll(),
  });
  readonly #settings = new SettingsInEffect(new KeptJson(inProfile("settings.json"), settingsSchema));
  readonly #attention = new JobAttention(() => this.#window);
  #told: ToldState = nothingTold;
  #answerClosing: (saved: boolean) => void = () => {};
  #window: BrowserWindow | null = null;
  #handed: string | null = null;

  constructor(services: MergeServices) {
    this.#services = services;
    const { catalog, engine } = services;
    this.#log = new ActivityLog(inProfile("logs", "main.log"), services.version);
    this.#jobs = new Jobs(services, (job) => {
      this.#log.job(job);
      this.#send({ type: "job", job });
      this.#attention.follow(job);
      if (!this.#jobs.running) this.#measures.resume();
    });
    this.#measures = new MeasureSessions(services, new MeasurementStore(inProfile("measurements")), {
      onState: (measure) => this.#send({ type: "measure", measure }),
      onTensors: (measureId, tensors) => this.#send({ type: "tensors", measureId, tensors }),
    });
    const recents = new RecentRecipes(inProfile("recent-recipes.json"));
    this.#recipes = new RecipeDocuments(catalog, recents);
    const offers = new ModelOffers(catalog, inProfile("recent-models.json"));
    engine.on("state", (state) => {
      this.#log.engine(state);
      this.#send({ type: "engine", engine: state });
    });
    const requests = windowRequests({
      catalog,
      models: new WindowModels(catalog, offers),
      offers,
      recipes: this.#recipes,
      recents,
      measures: this.#measures,
      inspector: new TensorInspector(services),
      jobs: this.#jobs,
      outputs: new OutputFolders(this.#dialogs),
      dialogs: this.#dialogs,
      settings: this.#settings,
      contents: () => this.#window?.webContents ?? null,
      environment: () => this.#environment(),
      openHanded: () => this.#openHanded(),
      copyDiagnostics: (withPaths) =>
        this.#log.copyDiagnostics(withPaths, { engine: engine.state, job: this.#jobs.latest }),
      tell: (told) => this.#tell(told),
      answerClosing: (saved) => this.#answerClosing(saved),
      onReopened: (model) => this.#send({ type: "reopened", model }),
    });
    handleRequests(requests, { contents: () => this.#window?.webContents ?? null, url: uiUrl });
  }

  /** Whether nothing would be lost by quitting now. Where something would, the user is asked, and may have it quit. */
  mayQuit(): boolean {
    return this.#closing.mayClose(() => app.quit());
  }

  /** The system shuts down or ends the program: stops what runs and quits, without a question. */
  async leave(): Promise<void> {
    await this.#closing.leave();
    app.quit();
  }

  open(outFolder: string): void {
    if (this.#window !== null) {
      if (this.#window.isMinimized()) this.#window.restore();
      this.#window.focus();
      return;
    }
    const window = createUiWindow(outFolder);
    this.#window = window;
    window.on("close", (event) => {
      if (!this.#closing.mayClose(() => window.close())) event.preventDefault();
    });
    // Windows does not wait for an answer.
    window.on("session-end", () => void this.#closing.leave());
    window.webContents.on("render-process-gone", () => this.#tell(nothingTold));
    window.on("closed", () => {
      this.#window = null;
      this.#closing.closed();
      this.#tell(nothingTold);
      // The engine's hidden window would keep the program alive.
      if (process.platform !== "darwin") app.quit();
    });
    void window.loadURL(uiUrl);
  }

  /** @param path of a recipe that the system wants opened */
  hand(path: string): void {
    this.#handed = path;
    this.#send({ type: "handed" });
  }

  async #openHanded(): Promise<OpenedRecipe | null> {
    const path = this.#handed;
    this.#handed = null;
    return path === null ? null : await this.#recipes.open(path);
  }

  #tell(told: ToldState): void {
    const isSame = JSON.stringify(told.actions) === JSON.stringify(this.#told.actions);
    if (this.#told === nothingTold) this.#log.write("window: answers");
    this.#told = told;
    if (isSame) return;
    const choose = (id: string) => this.#send({ type: "action", id });
    setApplicationMenu({ isDevelopment: isDevelopment(), actions: told.actions, choose });
  }

  #saveBeforeClosing(): Promise<boolean> {
    return new Promise((resolve) => {
      this.#answerClosing = resolve;
      this.#send({ type: "closing" });
    });
  }

  #environment(): Environment {
    // Asked for by a page that listens from now on.
    if (this.#handed !== null) this.#send({ type: "handed" });
    return {
      appearance: this.#settings.appearance,
      version: this.#services.version,
      electron: process.versions.electron ?? "",
      chromium: process.versions.chrome ?? "",
      platform: process.platform,
      runtimeWarning: process.env.CHAT_VECTOR_RUNTIME_WARNING || null,
      engine: this.#services.engine.state,
      job: this.#jobs.latest,
    };
  }

  #send(event: StudioEvent): void {
    this.#window?.webContents.send(eventChannel, event);
  }
}
