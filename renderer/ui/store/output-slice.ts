import type { OutputChoice } from "../../../electron/api.ts";
import { attempt, type ShownFailure } from "./shown-failure.ts";
import type { SliceTools } from "./slice.ts";

export interface OutputSlice {
  readonly output: OutputChoice | null;
  /** A proposed folder follows the target; a picked one stays. */
  readonly outputPicked: boolean;
  readonly outputFailure: ShownFailure | null;
  /** Said in place, for this folder only. */
  readonly overwrite: boolean;
  /** Proposes a folder for the present target, unless one was picked. */
  targetChanged(): Promise<void>;
  proposeOutput(): Promise<void>;
  pickOutput(): Promise<void>;
  setOverwrite(overwrite: boolean): void;
  /** Something is at the output now: proposes another, or asks for a picked one to be replaced. */
  outputWasWritten(): Promise<void>;
  outputExists(): void;
}

export function createOutputSlice({ set, get, studio }: SliceTools): OutputSlice {
  let latestRequest = 0;
  let proposedFor: string | null = null;

  const none = { output: null, outputPicked: false, outputFailure: null, overwrite: false };

  return {
    ...none,

    async targetChanged() {
      const targetId = get().slots.target.model?.id ?? null;
      if (targetId === proposedFor) return;
      proposedFor = targetId;
      if (!get().outputPicked) await get().proposeOutput();
    },

    async proposeOutput() {
      const request = ++latestRequest;
      const targetId = get().slots.target.model?.id;
      set(none);
      if (targetId === undefined) return;
      const outcome = await attempt(() => studio.proposeOutput(targetId));
      if (request !== latestRequest) return;
      set(outcome.ok ? { output: outcome.value } : { outputFailure: outcome.failure });
    },

    async pickOutput() {
      const { output } = get();
      if (output === null) return;
      set({ outputFailure: null });
      const outcome = await attempt(() => studio.pickOutput(output.id));
      if (!outcome.ok) return set({ outputFailure: outcome.failure });
      if (outcome.value === null) return;
      // What the user picked wins over any proposal still on its way.
      latestRequest++;
      set({ output: outcome.value, outputPicked: true, outputFailure: null, overwrite: false });
    },

    setOverwrite: (overwrite) => set({ overwrite }),

    async outputWasWritten() {
      if (get().outputPicked) get().outputExists();
      else await get().proposeOutput();
    },

    outputExists() {
      const { output } = get();
      if (output !== null) set({ output: { ...output, exists: true }, overwrite: false });
    },
  };
}
