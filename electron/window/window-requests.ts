import { join } from "node:path";
import { app, clipboard, shell, type WebContents } from "electron";
import type { Recipe } from "../../src-core/recipe/recipe.ts";
import type { Environment } from "../api/environment.ts";
import type { MeasureRequest } from "../api/measuring.ts";
import type { CheckpointSummary } from "../api/models.ts";
import type { UnsavedRecipe } from "../api/recipes.ts";
import type { ToldState } from "../api/window.ts";
import type { Catalog } from "../checkpoints/catalog.ts";
import { peekValues } from "../checkpoints/peek-values.ts";
import type { Jobs } from "../export/jobs.ts";
import { preflight } from "../export/preflight.ts";
import type { Handlers } from "../ipc/ipc.ts";
import { KeptJson } from "../kept/kept-json.ts";
import type { MeasureSessions } from "../measuring/measure-session.ts";
import type { TensorInspector } from "../measuring/tensor-inspector.ts";
import type { ModelOffers } from "../models/model-offers.ts";
import { summarizeModel, summarizePlan } from "../models/summaries.ts";
import type { RecentRecipes } from "../recipes/recent-recipes.ts";
import type { RecipeDocuments } from "../recipes/recipe-documents.ts";
import { dragOut } from "./drag-out.ts";
import { takeFirstTour, tourSchema } from "./first-tour.ts";
import type { Handed } from "./handed.ts";
import type { OutputFolders } from "./output-folders.ts";
import type { RecipeKeeper } from "./recipe-keeper.ts";
import { openRuntimeLicenses } from "./runtime-licenses.ts";
import { saveFigure } from "./save-figure.ts";
import type { SettingsDesk } from "./settings-desk.ts";
import type { WindowDialogs } from "./window-dialogs.ts";
import type { WindowModels } from "./window-models.ts";

/** What a window's requests are answered with. */
export interface WindowParts {
  readonly catalog: Catalog;
  readonly models: WindowModels;
  readonly offers: ModelOffers;
  readonly recipes: RecipeDocuments;
  readonly recents: RecentRecipes;
  readonly measures: MeasureSessions;
  readonly inspector: TensorInspector;
  readonly jobs: Jobs;
  readonly outputs: OutputFolders;
  readonly dialogs: WindowDialogs;
  readonly handed: Handed;
  readonly keeper: RecipeKeeper;
  readonly unsavedRecipes: () => Promise<readonly UnsavedRecipe[]>;
  readonly bringBack: (id: string) => void;
  readonly discardUnsaved: (id: string) => Promise<void>;
  readonly settings: SettingsDesk;
  readonly contents: () => WebContents | null;
  readonly environment: () => Environment;
  readonly copyDiagnostics: (withPaths: boolean) => void;
  readonly newWindow: () => void;
  readonly tell: (told: ToldState) => void;
  readonly answerClosing: (saved: boolean) => void;
  readonly onReopened: (model: CheckpointSummary) => void;
}

/** What each request of a window does. */
export function windowRequests(parts: WindowParts): Handlers {
  return {
    environment: parts.environment,
    takeFirstTour: () => takeFirstTour(new KeptJson(join(app.getPath("userData"), "tour.json"), tourSchema)),
    copyDiagnostics: parts.copyDiagnostics,
    openRuntimeLicenses: () => openRuntimeLicenses(),
    newWindow: parts.newWindow,
    tellState: parts.tell,
    answerClosing: parts.answerClosing,
    ...parts.settings.requests(parts.dialogs),
    saveFigure: (figure) => saveFigure(figure, parts.dialogs),
    ...modelRequests(parts),
    ...recipeRequests(parts),
    ...readingRequests(parts),
    ...exportRequests(parts),
  };
}

function modelRequests({ catalog, models, offers, handed, dialogs }: WindowParts) {
  return {
    handedModels: () => handed.takeModels(),
    pickCheckpoint: async (kind) => {
      const path = await dialogs.pickCheckpoint(kind);
      return path === null ? null : models.open(path);
    },
    openDropped: (path) => models.open(path),
    recentModels: () => offers.recents(),
    modelPlaces: () => offers.places(),
    modelsAt: (placeId) => offers.modelsAt(placeId),
    proposeBases: (ids) => offers.proposeBases(ids),
    openOffered: (id) => models.open(offers.pathOf(id)),
    openSamples: () => models.openSamples(),
    closeCheckpoint: (id) => catalog.close(id),
    reopenCheckpoint: async (id) => summarizeModel(await catalog.reopen(id)),
  } satisfies Partial<Handlers>;
}

function recipeRequests(parts: WindowParts) {
  const { recipes, recents, dialogs, handed, keeper, unsavedRecipes, bringBack, discardUnsaved } = parts;
  return {
    pickRecipe: async () => {
      const path = await dialogs.pickRecipe();
      return path === null ? null : recipes.open(path);
    },
    openDroppedRecipe: (path) => recipes.open(path),
    openRecentRecipe: (id) => recipes.openRecent(id),
    reopenRecipe: (documentId) => recipes.reopen(documentId),
    recentRecipes: () => recents.list(),
    handedRecipe: () => handed.takeRecipe(),
    unsavedRecipes,
    bringBack,
    discardUnsaved,
    keepRecipe: (toKeep) => keeper.keep(toKeep),
    openReference: (id) => recipes.openReference(id),
    saveRecipe: (request) => recipes.save(request, (options) => dialogs.saveYaml(options)),
    exportMergekit: (recipe) => recipes.exportMergekit(recipe, (options) => dialogs.saveYaml(options)),
  } satisfies Partial<Handlers>;
}

/** A model that was changed on disk is read again before anything is said of it. Not under a running export, which refuses it itself. */
async function refresh({ catalog, jobs, onReopened }: WindowParts, ids: readonly string[]): Promise<void> {
  if (jobs.running) return;
  for (const entry of await catalog.refresh(ids)) onReopened(await summarizeModel(entry));
}

function readingRequests(parts: WindowParts) {
  const { catalog, measures, inspector } = parts;
  return {
    openChanged: (ids) => refresh(parts, ids),
    plan: async (recipe) => {
      await refresh(parts, idsOf(recipe));
      const plan = catalog.plan(recipe);
      return summarizePlan(plan, catalog.chatTokens(plan));
    },
    startMeasure: async (request) => {
      await refresh(parts, modelsMeasured(request));
      return measures.start(request);
    },
    cancelMeasure: (id) => measures.cancel(id),
    inspectTensor: async (request) => {
      await refresh(parts, modelsMeasured(request));
      return inspector.inspect(request);
    },
    peekValues: async (request) => {
      await refresh(parts, [request.checkpoint]);
      return peekValues(request, catalog);
    },
  } satisfies Partial<Handlers>;
}

function exportRequests(parts: WindowParts) {
  const { catalog, jobs, outputs, contents } = parts;
  return {
    proposeOutput: (targetId) => outputs.propose(catalog.get(targetId).checkpoint.path),
    pickOutput: (currentId) => outputs.pick(currentId),
    checkExport: async ({ recipe, outputId, overwrite }) => {
      await refresh(parts, idsOf(recipe));
      return preflight({ plan: catalog.plan(recipe), outputPath: outputs.pathOf(outputId), overwrite }, catalog);
    },
    startExport: async ({ recipe, outputId, overwrite, unfinished }) => {
      await refresh(parts, idsOf(recipe));
      const plan = catalog.plan(recipe);
      const request = { plan, outputPath: outputs.pathOf(outputId), overwrite, unfinished };
      return jobs.start(request);
    },
    cancelExport: (id) => jobs.cancel(id),
    pauseExport: (id) => jobs.setPaused(id, true),
    resumeExport: (id) => jobs.setPaused(id, false),
    showInFolder: (id) => {
      const path = jobs.outputPath(id);
      if (path !== null) shell.showItemInFolder(path);
    },
    copyPath: (id) => {
      const path = jobs.outputPath(id);
      if (path !== null) clipboard.writeText(path);
    },
    dragOut: async (id) => {
      const [path, page] = [jobs.outputPath(id), contents()];
      if (path !== null && page !== null) await dragOut(page, path);
    },
    moveExport: (id) => moveExport(parts, id),
  } satisfies Partial<Handlers>;
}

/** Asks for a place and moves the finished folder there; null when the dialog was dismissed. */
async function moveExport({ jobs, dialogs }: WindowParts, id: string): Promise<string | null> {
  const path = jobs.outputPath(id);
  if (path === null) return null;
  const moved = await dialogs.save({ title: "Choose the new place", defaultPath: path, buttonLabel: "Move" });
  return moved === null ? null : jobs.move(id, moved);
}

function idsOf({ target, vectors }: Recipe): string[] {
  return [target, ...modelsOf(vectors)];
}

function modelsMeasured({ target, vectors }: MeasureRequest): string[] {
  return [...(target === null ? [] : [target]), ...modelsOf(vectors)];
}

function modelsOf(vectors: readonly { readonly chat: string; readonly base: string }[]): string[] {
  return vectors.flatMap(({ chat, base }) => [chat, base]);
}
