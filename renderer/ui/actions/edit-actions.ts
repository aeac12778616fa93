import { maximumVectorCount } from "../../../src-core/limits.ts";
import { curvePresets } from "../shape/layer-curve.ts";
import { isJobRunning } from "../store/job-phase.ts";
import { shapedOf } from "../store/shaped.ts";
import type { StudioState } from "../store/studio-state.ts";
import { slotsOf } from "../store/vectors.ts";
import type { Action } from "./action.ts";

const isIdle = (state: StudioState) => !isJobRunning(state);

const swaps = [
  ["target", "chat"],
  ["chat", "base"],
  ["target", "base"],
] as const;

/** Changes of the recipe. */
export const editActions: readonly Action[] = [
  {
    id: "undo",
    label: ({ past }) => changeOf("Undo", past.at(-1)?.name),
    menu: "edit",
    group: 0,
    shortcuts: ["Mod+Z"],
    words: "back",
    enabled: (state) => isIdle(state) && state.past.length > 0,
    run: (state) => state.undo(),
  },
  {
    id: "redo",
    label: ({ future }) => changeOf("Redo", future.at(-1)?.name),
    menu: "edit",
    group: 0,
    shortcuts: ["Mod+Shift+Z", "Mod+Y"],
    words: "forward again",
    enabled: (state) => isIdle(state) && state.future.length > 0,
    run: (state) => state.redo(),
  },
  {
    id: "add-vector",
    label: "Add another vector",
    menu: "edit",
    group: 1,
    words: "chat task",
    enabled: (state) => isIdle(state) && state.vectors.length < maximumVectorCount,
    run: (state) => state.addVector(),
  },
  {
    id: "remove-vector",
    label: "Remove selected vector",
    menu: "edit",
    group: 1,
    words: "delete",
    enabled: (state) => isIdle(state) && state.vectors.length > 1,
    run: (state) => state.removeVector(state.selectedVector),
  },
  {
    id: "add-rule",
    label: "Add rule",
    menu: "edit",
    group: 1,
    words: "lambda scale tensors glob",
    enabled: isIdle,
    run: (state) => state.addRules([""]),
  },
  {
    id: "reset-curve",
    label: "Reset λ by layer",
    menu: "edit",
    group: 1,
    words: "lambda curve flat",
    enabled: (state) => isIdle(state) && shapedOf(state).curve !== null,
    run: (state) => state.resetCurve(),
  },
  ...swaps.map(
    ([one, other]): Action => ({
      id: `swap-${one}-${other}`,
      label: `Swap ${one} and ${other}`,
      menu: "edit",
      group: 2,
      words: "roles exchange models",
      enabled: (state) => isIdle(state) && [one, other].some((role) => slotsOf(state)[role].model !== null),
      run: (state) => state.swapModels(one, other),
    }),
  ),
  ...curvePresets.map(
    (preset): Action => ({
      id: `curve-${preset.replace(" ", "-")}`,
      label: `λ by layer: ${preset}`,
      menu: null,
      group: 1,
      words: "lambda curve preset",
      enabled: (state) => isIdle(state) && state.target.model !== null,
      run: (state) => state.applyPreset(preset),
    }),
  ),
];

function changeOf(verb: string, name: string | undefined): string {
  return name === undefined ? verb : `${verb} change of ${name}`;
}
