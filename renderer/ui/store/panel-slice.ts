import { attemptVoid } from "./shown-failure.ts";
import type { SliceTools } from "./slice.ts";
import type { PanelSlice } from "./studio-state.ts";
import { unsavedNameOf } from "./unsaved.ts";

export function createPanelSlice({ set, get, studio }: SliceTools): PanelSlice {
  return {
    panel: null,
    chosenAction: null,
    showPanel: (panel) => set({ panel }),
    closePanel: () => set({ panel: null }),

    async newWindow() {
      const failure = await attemptVoid(() => studio.newWindow());
      if (failure !== null) get().showWindowFailure(failure);
    },

    async copyDiagnostics(withPaths) {
      const failure = await attemptVoid(() => studio.copyDiagnostics(withPaths));
      if (failure !== null) return get().showWindowFailure(failure);
      set({ windowNotice: "Diagnostics are on the clipboard: versions, the device, the last export and the log" });
    },

    async saveBeforeClosing() {
      await get().saveRecipe({ as: false });
      const failure = await attemptVoid(() => studio.answerClosing(unsavedNameOf(get()) === null));
      if (failure !== null) get().showWindowFailure(failure);
    },
  };
}
