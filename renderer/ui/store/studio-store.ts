import { createStore, type StoreApi } from "zustand/vanilla";
import type { RecipeToKeep } from "../../../electron/api/recipes.ts";
import type { StudioApi } from "../../../electron/api/studio-api.ts";
import type { ToldState } from "../../../electron/api/window.ts";
import { menuActionsOf } from "../actions/action.ts";
import { allActions } from "../actions/all-actions.ts";
import { isEdited } from "./decisions.ts";
import { createDiskSlice } from "./disk-slice.ts";
import { createEnvironmentSlice } from "./environment-slice.ts";
import { createFigureSlice } from "./figure-slice.ts";
import { createHistorySlice } from "./history-slice.ts";
import { createInspectSlice } from "./inspect-slice.ts";
import { createJobSlice } from "./job-slice.ts";
import { createMeasureSlice } from "./measure-slice.ts";
import { mergeNameOf } from "./merge-name.ts";
import { createModelsSlice } from "./models-slice.ts";
import { createOutputSlice } from "./output-slice.ts";
import { createPanelSlice } from "./panel-slice.ts";
import { createPeekSlice } from "./peek-slice.ts";
import { createPickSlice } from "./pick-slice.ts";
import { createPlanSlice } from "./plan-slice.ts";
import { createPreflightSlice } from "./preflight-slice.ts";
import { createRecipeSlice } from "./recipe-slice.ts";
import { recordedKeys } from "./recorded-edit.ts";
import { createSettingsSlice } from "./settings-slice.ts";
import { createShapeSlice } from "./shape-slice.ts";
import type { StudioState } from "./studio-state.ts";
import { takesOf } from "./takes.ts";
import { createTeller, keepDelayMs, menuDelayMs } from "./tell-main.ts";
import { createTourSlice } from "./tour-slice.ts";
import { toKeepOf, unsavedNameOf } from "./unsaved.ts";
import { createUnsavedSlice } from "./unsaved-slice.ts";
import { createVectorsSlice } from "./vectors-slice.ts";
import { createViewSlice } from "./view-slice.ts";

export type StudioStore = StoreApi<StudioState>;

/** Makes the store, and listens to main for as long as the window lives. */
export function createStudioStore(studio: StudioApi): StudioStore {
  const store = createStore<StudioState>()((set, get) => {
    const tools = { set, get, studio };
    return {
      ...createEnvironmentSlice(tools),
      ...createModelsSlice(tools),
      ...createPickSlice(tools),
      ...createVectorsSlice(tools),
      ...createRecipeSlice(tools),
      ...createDiskSlice(tools),
      ...createUnsavedSlice(tools),
      ...createHistorySlice(tools),
      ...createPanelSlice(tools),
      ...createTourSlice(tools),
      ...createSettingsSlice(tools),
      ...createPlanSlice(tools),
      ...createShapeSlice(tools),
      ...createMeasureSlice(tools),
      ...createViewSlice(tools),
      ...createInspectSlice(tools),
      ...createPeekSlice(tools),
      ...createFigureSlice(tools),
      ...createOutputSlice(tools),
      ...createPreflightSlice(tools),
      ...createJobSlice(tools),
    };
  });
  const tell = createTeller(studio.tellState, store.getState, toTellOf, menuDelayMs);
  const keep = createTeller<RecipeToKeep | null>(studio.keepRecipe, store.getState, toKeepOf, keepDelayMs, null);
  studio.onEvent((event) => {
    const state = store.getState();
    if (event.type === "job") state.applyJob(event.job);
    else if (event.type === "measure") state.applyMeasure(event.measure);
    else if (event.type === "tensors") state.applyTensors(event.measureId, event.tensors);
    else if (event.type === "changed") state.applyChanged(event.changed);
    else if (event.type === "reopened") state.applyReopened(event.model);
    else if (event.type === "action") store.setState({ chosenAction: event.id });
    else if (event.type === "closing") void state.saveBeforeClosing();
    else if (event.type === "handed") {
      void state.openHandedRecipe();
      void state.proposeForHanded();
    } else if (event.type === "settings") state.applySettings(event.settings);
    else store.setState({ engine: event.engine });
  });
  store.subscribe((state, before) => {
    const changed = (...keys: readonly (keyof StudioState)[]) => keys.some((key) => state[key] !== before[key]);
    if (changed(...recordedKeys)) state.recordEdit(before);
    if (changed("target", "vectors", "plan", "decisions")) state.followModels();
    if (changed("target", "vectors", "selectedVector")) void state.followBaseOffers();
    if (changed("selectedTensor", "measureRows", "selectedVector")) state.followSelection();
    if (changed("selectedTensor", "selectedVector")) state.followPeek();
    if (changed("plan", "output", "overwrite", "startsOver", "job")) void state.checkExport();
    if (state.tour !== null && changed("plan", "job")) state.followTour(before);
    tell.follow();
    // What is brought back main has already, and it may be saved before the page has told of it.
    if (changed("isBroughtBack")) keep.forget();
    keep.follow();
  });
  tell.follow();
  void store.getState().loadEnvironment();
  void store.getState().offerTour();
  void store.getState().loadSettings();
  void store.getState().loadRecents();
  void store.getState().loadUnsaved();
  void store.getState().loadRecentModels();
  return store;
}

function toTellOf(state: StudioState): ToldState {
  return {
    name: mergeNameOf(state),
    edited: isEdited(state),
    documentId: state.document?.id ?? null,
    takes: takesOf(state),
    unsaved: unsavedNameOf(state),
    actions: menuActionsOf(allActions, state),
  };
}
