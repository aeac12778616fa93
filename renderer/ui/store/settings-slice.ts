import type { Outcome } from "../../../electron/api/outcome.ts";
import type { ShownSettings } from "../../../electron/api/settings.ts";
import { defaultShardBytes } from "../../../src-core/limits.ts";
import { isJobRunning } from "./job-phase.ts";
import { modelIdsOf } from "./recorded-edit.ts";
import { attempt } from "./shown-failure.ts";
import type { SliceTools } from "./slice.ts";
import type { SettingsSlice, StudioState } from "./studio-state.ts";

export function createSettingsSlice({ set, get, studio }: SliceTools): SettingsSlice {
  /** What takes effect is told by an event; here is only said what did not. */
  async function ask(request: () => Promise<Outcome<void>>): Promise<void> {
    const outcome = await attempt(request);
    set({ settingsFailure: outcome.ok ? null : outcome.failure });
  }

  return {
    settings: null,
    settingsFailure: null,
    keptMeasurements: null,

    async loadSettings() {
      const outcome = await attempt(() => studio.settings());
      if (!outcome.ok) return set({ settingsFailure: outcome.failure });
      get().applySettings(outcome.value);
      if (outcome.value.setAside !== null) set({ windowNotice: setAsideText(outcome.value.setAside) });
    },

    applySettings(settings) {
      const before = get().settings;
      set({ settings });
      beginWithDefaults(settings);
      if (before === null) return;
      const folders = ({ modelFolders }: ShownSettings) => String(modelFolders.map(({ id }) => id));
      if (folders(before) !== folders(settings) && get().modelPlaces !== null) void get().loadModelPlaces();
      const movesProposal = before.exportFolder?.path !== settings.exportFolder?.path;
      if (movesProposal && !get().outputPicked && !isJobRunning(get())) void get().proposeOutput();
    },

    changeSettings: (change) => ask(() => studio.changeSettings(change)),
    pickExportFolder: () => ask(() => studio.pickExportFolder()),
    clearExportFolder: () => ask(() => studio.clearExportFolder()),
    addModelFolder: () => ask(() => studio.addModelFolder()),
    removeModelFolder: (id) => ask(() => studio.removeModelFolder(id)),
    openLogs: () => ask(() => studio.openLogs()),

    async openRuntimeLicenses() {
      const outcome = await attempt(() => studio.openRuntimeLicenses());
      if (!outcome.ok) get().showWindowFailure(outcome.failure);
    },

    async countMeasurements() {
      const outcome = await attempt(() => studio.keptMeasurements());
      if (outcome.ok) set({ keptMeasurements: outcome.value });
      else set({ settingsFailure: outcome.failure });
    },

    async forgetMeasurements() {
      const outcome = await attempt(() => studio.forgetMeasurements());
      if (outcome.ok) set({ keptMeasurements: outcome.value });
      else set({ settingsFailure: outcome.failure });
    },

    dismissSettingsFailure: () => set({ settingsFailure: null }),
  };

  /** A recipe that nobody has begun takes them; any other has its own. */
  function beginWithDefaults({ outputDtype, shardBytes }: ShownSettings): void {
    if (!isUntouched(get())) return;
    const output = {
      ...(outputDtype === "same" ? {} : { dtype: outputDtype }),
      ...(shardBytes === defaultShardBytes ? {} : { shardBytes }),
    };
    set({ recipeRest: Object.keys(output).length === 0 ? {} : { output } });
    // It is how the recipe begins, and no step of it.
    get().forgetHistory();
  }
}

function isUntouched(state: StudioState): boolean {
  const { document, past, future, vectors, openingOver } = state;
  const isEmpty = modelIdsOf(state).length === 0 && vectors.length === 1;
  return document === null && openingOver === null && past.length === 0 && future.length === 0 && isEmpty;
}

function setAsideText(path: string): string {
  return `The settings could not be read and are as at first. What was there lies in ${path}`;
}
