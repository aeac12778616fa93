import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { app, type BrowserWindow, clipboard, dialog, shell } from "electron";
import { shownText } from "../src-core/checkpoint/quote.ts";
import { StudioError } from "../src-core/errors.ts";
import type { Recipe } from "../src-core/recipe/recipe.ts";
import { describeSample, sampleSetName, smallSample } from "../src-core/samples/sample-options.ts";
import type {
  CheckpointSummary,
  Environment,
  Figure,
  JobState,
  MeasureRequest,
  OpenedRecipe,
  OutputChoice,
  SampleTriple,
  StudioEvent,
  ToldState,
} from "./api.ts";
import { setApplicationMenu } from "./application-menu.ts";
import { Closing } from "./closing.ts";
import { isDevelopment } from "./development.ts";
import { diagnosticsText, withoutHome } from "./diagnostics.ts";
import { dragOut } from "./drag-out.ts";
import { findUnfinished } from "./export/export-workspace.ts";
import { handleRequests } from "./ipc.ts";
import { eventChannel } from "./ipc-channels.ts";
import { JobAttention } from "./job-attention.ts";
import { Jobs } from "./jobs.ts";
import { KeptJson } from "./kept-json.ts";
import { LogFile } from "./log-file.ts";
import { MeasureSessions } from "./measure-session.ts";
import { MeasurementStore } from "./measurement-store.ts";
import type { MergeServices } from "./merge-job.ts";
import { ModelOffers } from "./model-offers.ts";
import { freeBytes, outputExists } from "./output-folder.ts";
import { peekValues } from "./peek-values.ts";
import { RecentRecipes } from "./recent-recipes.ts";
import { RecipeDocuments } from "./recipe-documents.ts";
import { makeSampleModels } from "./sample-models.ts";
import { SettingsInEffect, settingsSchema } from "./settings.ts";
import { summarizeModel, summarizePlan } from "./summaries.ts";
import { TensorInspector } from "./tensor-inspector.ts";
import { createUiWindow, uiUrl } from "./ui-window.ts";

const nothingTold: ToldState = { unsaved: null, actions: [] };

const yamlFilters = [{ name: "Recipes", extensions: ["yaml", "yml"] }];

/** Where the sample models are kept once they were made. */
const samplesFolder = () => join(app.getPath("userData"), "samples");

function idsOf({ target, vectors }: Recipe): string[] {
  return [target, ...modelsOf(vectors)];
}

function modelsMeasured({ target, vectors }: MeasureRequest): string[] {
  return [...(target === null ? [] : [target]), ...modelsOf(vectors)];
}

function modelsOf(vectors: readonly { readonly chat: string; readonly base: string }[]): string[] {
  return vectors.flatMap(({ chat, base }) => [chat, base]);
}

function unfinishedOf({ record, bytesWritten }: NonNullable<Awaited<ReturnType<typeof findUnfinished>>>) {
  return { bytesWritten, bytesToWrite: record.bytesToWrite, startedAt: record.startedAt };
}

/** Not every system makes the folder that it names. */
async function documentsFolder(): Promise<string> {
  const documents = app.getPath("documents");
  return (await outputExists(documents)) ? documents : app.getPath("home");
}

/** The application with its window: what each of the window's requests does. */
export class WindowApp {
  readonly #services: MergeServices;
  readonly #jobs: Jobs;
  readonly #measures: MeasureSessions;
  readonly #inspector: TensorInspector;
  readonly #recents = new RecentRecipes(join(app.getPath("userData"), "recent-recipes.json"));
  readonly #recipes: RecipeDocuments;
  readonly #offers: ModelOffers;
  /** Folders that main proposed or the user picked, by id. */
  readonly #outputs = new Map<string, string>();
  readonly #log = new LogFile(join(app.getPath("userData"), "logs", "main.log"));
  readonly #closing = new Closing({
    unsaved: () => this.#told.unsaved,
    exporting: () => this.#jobs.running,
    ask: async (options) => {
      const { response } = await (this.#window
        ? dialog.showMessageBox(this.#window, options)
        : dialog.showMessageBox(options));
      return response;
    },
    save: () => this.#saveBeforeClosing(),
    stopExports: () => this.#jobs.stopAll(),
  });
  readonly #settings = new SettingsInEffect(
    new KeptJson(join(app.getPath("userData"), "settings.json"), settingsSchema),
  );
  readonly #attention = new JobAttention(() => this.#window);
  #told: ToldState = nothingTold;
  #answerClosing: (saved: boolean) => void = () => {};
  #lastLine = "";
  #window: BrowserWindow | null = null;
  #handed: string | null = null;

  constructor(services: MergeServices) {
    this.#services = services;
    this.#jobs = new Jobs(services, (job) => {
      this.#logJob(job);
      this.#send({ type: "job", job });
      this.#attention.follow(job);
      if (!this.#jobs.running) this.#measures.resume();
    });
    const store = new MeasurementStore(join(app.getPath("userData"), "measurements"));
    this.#measures = new MeasureSessions(services, store, {
      onState: (measure) => this.#send({ type: "measure", measure }),
      onTensors: (measureId, tensors) => this.#send({ type: "tensors", measureId, tensors }),
    });
    this.#inspector = new TensorInspector(services);
    this.#recipes = new RecipeDocuments(services.catalog, this.#recents);
    this.#offers = new ModelOffers(services.catalog, join(app.getPath("userData"), "recent-models.json"));
    services.engine.on("state", (engine) => {
      this.#log.write(`engine: ${engine.status} ${engine.adapter ?? ""} ${JSON.stringify(engine.failure)}`);
      this.#send({ type: "engine", engine });
    });
    this.#log.write(`start: version ${services.version}, Electron ${process.versions.electron}`);
    process.on("uncaughtExceptionMonitor", (error) => this.#log.write(`uncaught: ${error.stack ?? error.message}`));
    this.#handle();
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

  /** Onto the clipboard. Without the home folder's name unless the user wants it. */
  #copyDiagnostics(withPaths: boolean): void {
    const text = diagnosticsText({
      version: this.#services.version,
      runtime: `Electron ${process.versions.electron}, Chromium ${process.versions.chrome}, Node ${process.versions.node}`,
      system: `${process.platform} ${process.arch} ${process.getSystemVersion()}`,
      engine: this.#services.engine.state,
      job: this.#jobs.latest,
      log: this.#log.recent(200),
    });
    clipboard.writeText(withPaths ? text : withoutHome(text, app.getPath("home")));
  }

  #logJob({ id, phase, failure, outputPath }: JobState): void {
    const line = `export ${id.slice(0, 8)}: ${phase} ${outputPath}${failure === null ? "" : ` ${JSON.stringify(failure)}`}`;
    if (line !== this.#lastLine) this.#log.write(line);
    this.#lastLine = line;
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

  #handle(): void {
    const { catalog } = this.#services;
    handleRequests(
      {
        environment: () => {
          // Asked for by a page that listens from now on.
          if (this.#handed !== null) this.#send({ type: "handed" });
          return this.#environment();
        },
        pickCheckpoint: (kind) => this.#pickCheckpoint(kind),
        openDropped: (path) => this.#open(path),
        recentModels: () => this.#offers.recents(),
        cachedModels: () => this.#offers.cache(),
        proposeBases: (ids) => this.#offers.proposeBases(ids),
        openOffered: (id) => this.#open(this.#offers.pathOf(id)),
        openSamples: () => this.#openSamples(),
        closeCheckpoint: (id) => catalog.close(id),
        reopenCheckpoint: async (id) => summarizeModel(await catalog.reopen(id)),
        pickRecipe: () => this.#pickRecipe(),
        openDroppedRecipe: (path) => this.#recipes.open(path),
        openRecentRecipe: (id) => this.#recipes.openRecent(id),
        recentRecipes: () => this.#recents.list(),
        handedRecipe: () => this.#openHanded(),
        openReference: (id) => this.#recipes.openReference(id),
        saveRecipe: (request) => this.#recipes.save(request, (options) => this.#askForYaml(options)),
        exportMergekit: (recipe) => this.#recipes.exportMergekit(recipe, (options) => this.#askForYaml(options)),
        plan: async (recipe) => {
          await this.#refresh(idsOf(recipe));
          const plan = catalog.plan(recipe);
          return summarizePlan(plan, catalog.chatTokens(plan));
        },
        startMeasure: async (request) => {
          await this.#refresh(modelsMeasured(request));
          return this.#measures.start(request, this.#jobs.running);
        },
        cancelMeasure: (id) => this.#measures.cancel(id),
        inspectTensor: async (request) => {
          await this.#refresh(modelsMeasured(request));
          return this.#inspector.inspect(request);
        },
        peekValues: async (request) => {
          await this.#refresh([request.checkpoint]);
          return peekValues(request, catalog);
        },
        saveFigure: (figure) => this.#saveFigure(figure),
        proposeOutput: (targetId) => this.#proposeOutput(targetId),
        pickOutput: (currentId) => this.#pickOutput(currentId),
        startExport: async ({ recipe, outputId, overwrite, unfinished }) => {
          await this.#refresh(idsOf(recipe));
          const plan = catalog.plan(recipe);
          const request = { plan, outputPath: this.#outputPath(outputId), overwrite, unfinished };
          if (!this.#jobs.running) await this.#measures.pause();
          return this.#jobs.start(request);
        },
        cancelExport: (id) => this.#jobs.cancel(id),
        pauseExport: (id) => this.#jobs.setPaused(id, true),
        resumeExport: (id) => this.#jobs.setPaused(id, false),
        showInFolder: (id) => {
          const path = this.#jobs.outputPath(id);
          if (path !== null) shell.showItemInFolder(path);
        },
        dragOut: (id) => {
          const path = this.#jobs.outputPath(id);
          if (path !== null && this.#window !== null) dragOut(this.#window.webContents, path);
        },
        moveExport: (id) => this.#moveExport(id),
        setAppearance: (appearance) => this.#settings.setAppearance(appearance),
        copyDiagnostics: (withPaths) => this.#copyDiagnostics(withPaths),
        tellState: (told) => this.#tell(told),
        answerClosing: (saved) => this.#answerClosing(saved),
        copyPath: (id) => {
          const path = this.#jobs.outputPath(id);
          if (path !== null) clipboard.writeText(path);
        },
      },
      { contents: () => this.#window?.webContents ?? null, url: uiUrl },
    );
  }

  /** A model that was changed on disk is read again before anything is said of it. Not under a running export, which refuses it itself. */
  async #refresh(ids: readonly string[]): Promise<void> {
    if (this.#jobs.running) return;
    for (const entry of await this.#services.catalog.refresh(ids)) {
      this.#send({ type: "reopened", model: await summarizeModel(entry) });
    }
  }

  #environment(): Environment {
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

  async #open(path: string): Promise<CheckpointSummary> {
    if (path === "")
      throw new StudioError({
        code: "checkpoint-not-found",
        what: "What was dropped is not a file or folder on this machine",
      });
    const entry = await this.#services.catalog.open(path);
    // The samples are a click away, and lie where nobody looks.
    if (!path.startsWith(samplesFolder())) await this.#offers.remember(resolve(path));
    return summarizeModel(entry);
  }

  async #pickCheckpoint(kind: "folder" | "file"): Promise<CheckpointSummary | null> {
    const filters = [{ name: "Checkpoints", extensions: ["safetensors", "json", "bin", "pt", "pth", "ckpt"] }];
    const { canceled, filePaths } = await this.#openDialog({
      title: kind === "folder" ? "Choose a model's folder" : "Choose a model's file",
      properties: [kind === "folder" ? "openDirectory" : "openFile"],
      ...(kind === "file" ? { filters } : {}),
    });
    const [path] = filePaths;
    return canceled || path === undefined ? null : this.#open(path);
  }

  async #pickRecipe(): Promise<OpenedRecipe | null> {
    const { canceled, filePaths } = await this.#openDialog({
      title: "Open a recipe",
      properties: ["openFile"],
      filters: yamlFilters,
    });
    const [path] = filePaths;
    return canceled || path === undefined ? null : this.#recipes.open(path);
  }

  async #askForYaml(options: { title: string; defaultPath: string }): Promise<string | null> {
    const asked = { ...options, filters: yamlFilters };
    const { canceled, filePath } = await this.#saveDialog(asked);
    return canceled || !filePath ? null : filePath;
  }

  async #openSamples(): Promise<SampleTriple> {
    // Named after what is in it, so that a later version's samples do not meet an earlier one's.
    const directory = join(samplesFolder(), sampleSetName(describeSample(smallSample)));
    const paths = await makeSampleModels({ directory });
    return {
      target: await this.#open(paths.target),
      chat: await this.#open(paths.chat),
      base: await this.#open(paths.base),
    };
  }

  async #proposeOutput(targetId: string): Promise<OutputChoice> {
    const { path } = this.#services.catalog.get(targetId).checkpoint;
    // The samples lie where nobody looks; what is made of them should not.
    const isSample = path.startsWith(samplesFolder());
    const folder = isSample ? await documentsFolder() : dirname(path);
    const name = isSample ? "sample-model" : basename(path).replace(/\.(safetensors(\.index\.json)?)$/, "");
    for (let attempt = 1; ; attempt++) {
      const candidate = join(folder, `${name}-chat${attempt === 1 ? "" : `-${attempt}`}`);
      if (!(await outputExists(candidate))) return this.#outputChoice(candidate);
    }
  }

  async #pickOutput(currentId: string | null): Promise<OutputChoice | null> {
    const options = {
      title: "Choose the folder to write",
      ...(currentId === null ? {} : { defaultPath: this.#outputPath(currentId) }),
      buttonLabel: "Choose",
      properties: ["createDirectory", "showOverwriteConfirmation"] as (
        | "createDirectory"
        | "showOverwriteConfirmation"
      )[],
    };
    const { canceled, filePath } = await this.#saveDialog(options);
    return canceled || !filePath ? null : this.#outputChoice(filePath);
  }

  async #moveExport(id: string): Promise<string | null> {
    const path = this.#jobs.outputPath(id);
    if (path === null) return null;
    const options = { title: "Choose the new place", defaultPath: path, buttonLabel: "Move" };
    const { canceled, filePath } = await (this.#window
      ? dialog.showSaveDialog(this.#window, options)
      : dialog.showSaveDialog(options));
    return canceled || !filePath ? null : this.#jobs.move(id, filePath);
  }

  async #outputChoice(path: string): Promise<OutputChoice> {
    const id = randomUUID();
    this.#outputs.set(id, path);
    const found = await findUnfinished(path);
    const unfinished = found === null || found.bytesWritten === 0 ? null : unfinishedOf(found);
    const exists = await outputExists(path);
    return { id, path: shownText(path), exists, freeBytes: await freeBytes(dirname(path)), unfinished };
  }

  async #saveFigure({ name, type, data }: Figure): Promise<boolean> {
    const options = { title: "Save the figure", defaultPath: join(app.getPath("documents"), `${name}.${type}`) };
    const { canceled, filePath } = await this.#saveDialog(options);
    if (canceled || !filePath) return false;
    await writeFile(filePath, data).catch((error: unknown) => {
      const actual = error instanceof Error ? error.message : String(error);
      throw new StudioError({ code: "write-failed", what: "The figure could not be saved", where: filePath, actual });
    });
    return true;
  }

  #outputPath(id: string): string {
    const path = this.#outputs.get(id);
    if (path === undefined) throw new StudioError({ code: "output-invalid", what: "Choose a folder to write" });
    return path;
  }

  #saveDialog(options: Electron.SaveDialogOptions): Promise<Electron.SaveDialogReturnValue> {
    return this.#window ? dialog.showSaveDialog(this.#window, options) : dialog.showSaveDialog(options);
  }

  #openDialog(options: Electron.OpenDialogOptions): Promise<Electron.OpenDialogReturnValue> {
    return this.#window ? dialog.showOpenDialog(this.#window, options) : dialog.showOpenDialog(options);
  }

  #send(event: StudioEvent): void {
    this.#window?.webContents.send(eventChannel, event);
  }
}
