import { exportBlocker } from "../store/export-blocker.ts";
import { isJobRunning } from "../store/job-phase.ts";
import { roleNames, roles } from "../store/model-slot.ts";
import type { StudioState } from "../store/studio-state.ts";
import type { Action } from "./action.ts";

const isIdle = (state: StudioState) => !isJobRunning(state);
const inPhase = (phase: string) => (state: StudioState) => state.job?.phase === phase;

/** Recipes, models, and the export. */
export const fileActions: readonly Action[] = [
  {
    id: "new-window",
    label: "New window",
    menu: "file",
    group: 0,
    shortcuts: ["Mod+N"],
    words: "another recipe merge",
    run: (state) => state.newWindow(),
  },
  {
    id: "open-recipe",
    label: "Open recipe…",
    menu: "file",
    group: 0,
    shortcuts: ["Mod+O"],
    words: "yaml mergekit",
    enabled: isIdle,
    run: (state) => state.openRecipe(),
  },
  {
    id: "save-recipe",
    label: "Save recipe",
    menu: "file",
    group: 1,
    shortcuts: ["Mod+S"],
    run: (state) => state.saveRecipe({ as: false }),
  },
  {
    id: "save-recipe-as",
    label: "Save recipe as…",
    menu: "file",
    group: 1,
    shortcuts: ["Mod+Shift+S"],
    run: (state) => state.saveRecipe({ as: true }),
  },
  {
    id: "export-mergekit",
    label: "Export as mergekit file…",
    menu: "file",
    group: 1,
    words: "yaml task arithmetic",
    run: (state) => state.exportMergekit(),
  },
  ...roles.map(
    (role): Action => ({
      id: `open-${role}`,
      label: `Choose ${role} model’s folder…`,
      menu: "file",
      group: 2,
      words: `open checkpoint ${roleNames[role]}`,
      enabled: isIdle,
      run: (state) => state.openModel(role, { kind: "folder" }),
    }),
  ),
  ...roles.map(
    (role): Action => ({
      id: `pick-${role}`,
      label: `Choose recent or cached ${role} model…`,
      menu: null,
      group: 2,
      words: `open hugging face cache recents list ${roleNames[role]}`,
      enabled: isIdle,
      run: (state) => state.showPicker(role),
    }),
  ),
  {
    id: "open-samples",
    label: "Open sample models",
    menu: "file",
    group: 2,
    words: "try example demo",
    enabled: isIdle,
    run: (state) => state.openSamples(),
  },
  {
    id: "choose-output",
    label: "Change output folder…",
    menu: "file",
    group: 3,
    words: "export write where",
    enabled: (state) => isIdle(state) && state.target.model !== null,
    run: (state) => state.pickOutput(),
  },
  {
    id: "export",
    label: "Export",
    menu: "file",
    group: 3,
    shortcuts: ["Mod+E"],
    words: "merge write start",
    enabled: (state) => exportBlocker(state) === null,
    run: (state) => state.startExport(),
  },
  {
    id: "pause-export",
    label: "Pause export",
    menu: "file",
    group: 3,
    enabled: inPhase("merging"),
    run: (state) => state.pauseExport(),
  },
  {
    id: "resume-export",
    label: "Go on with export",
    menu: "file",
    group: 3,
    words: "resume continue",
    enabled: inPhase("paused"),
    run: (state) => state.resumeExport(),
  },
  {
    id: "show-in-folder",
    label: "Show exported model in its folder",
    menu: "file",
    group: 3,
    words: "file manager finder explorer result",
    enabled: inPhase("done"),
    run: (state) => state.showInFolder(),
  },
  {
    id: "settings",
    label: "Settings…",
    menu: "file",
    group: 4,
    shortcuts: ["Mod+,"],
    words: "preferences options defaults folders gpu cpu dtype shard appearance theme logs",
    run: (state) => state.showPanel("settings"),
  },
];
