import type { MeasureRequest, MeasureRow, MeasureState } from "../../../electron/api/measuring.ts";
import type { KnownStatistics } from "../../../src-core/statistics/cell-values.ts";
import type { TensorStatistics } from "../../../src-core/statistics/tensor-statistics.ts";
import { measureRequestOf } from "./decisions.ts";
import { rowIndexOf } from "./measured.ts";
import { attempt, attemptVoid } from "./shown-failure.ts";
import type { SliceTools } from "./slice.ts";
import type { MeasureSlice } from "./studio-state.ts";

/** Statistics that come closer together than this are shown together: two frames. */
export const gatherMs = 33;

const nothing = {
  measureRequest: null,
  measure: null,
  measureStarting: false,
  measureFailure: null,
  measureRows: [],
  statistics: [],
} as const;

export function createMeasureSlice({ set, get, studio }: SliceTools): MeasureSlice {
  let latestStart = 0;
  const early = new EarlyNews();
  let gathered: TensorStatistics[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  function clear(): void {
    latestStart++;
    gathered = [];
    clearTimeout(timer);
    const { measure } = get();
    set(nothing);
    if (measure !== null && isMeasuring(measure)) void attemptVoid(() => studio.cancelMeasure(measure.id));
  }

  function showGathered(): void {
    const { measureRows, statistics } = get();
    set({ statistics: placed(statistics, measureRows, gathered) });
    gathered = [];
  }

  return {
    ...nothing,

    followModels() {
      const request = measureRequestOf(get());
      const { measureRequest } = get();
      if (JSON.stringify(request) === JSON.stringify(measureRequest)) return;
      // The old numbers stand while another decision about the same models is measured.
      if (request === null || !ofSameModels(request, measureRequest)) clear();
      if (request === null) return;
      set({ measureRequest: request });
      void get().startMeasure();
    },

    forgetMeasured() {
      clear();
      get().followModels();
    },

    async startMeasure() {
      const { measureRequest } = get();
      if (measureRequest === null) return;
      const start = ++latestStart;
      set({ measureStarting: true, measureFailure: null });
      const outcome = await attempt(() => studio.startMeasure(measureRequest));
      if (start !== latestStart) return;
      if (!outcome.ok) return set({ measureStarting: false, measureFailure: outcome.failure });
      const { measure, rows, tensors } = outcome.value;
      const { measure: newer, tensors: more } = early.take(measure.id);
      const none = rows.map(() => null);
      gathered = [];
      clearTimeout(timer);
      set({
        measureStarting: false,
        measure: newer ?? measure,
        measureRows: rows,
        statistics: placed(none, rows, [...tensors, ...more]),
      });
    },

    async cancelMeasure() {
      const { measure } = get();
      if (measure === null) return;
      set({ measureFailure: await attemptVoid(() => studio.cancelMeasure(measure.id)) });
    },

    applyMeasure(measure) {
      if (get().measure?.id === measure.id) set({ measure });
      else if (get().measureStarting) early.keep(measure.id, { measure });
    },

    applyTensors(measureId, tensors) {
      if (get().measure?.id !== measureId) {
        if (get().measureStarting) early.keep(measureId, { tensors });
        return;
      }
      if (gathered.length === 0) timer = setTimeout(showGathered, gatherMs);
      gathered.push(...tensors);
    },
  };
}

/** The statistics with these put in their places. */
function placed(
  statistics: KnownStatistics,
  measureRows: readonly MeasureRow[],
  added: readonly TensorStatistics[],
): KnownStatistics {
  const rowIndex = rowIndexOf({ measureRows });
  const all = [...statistics];
  for (const ofTensor of added) {
    const index = rowIndex.get(ofTensor.name);
    if (index !== undefined) all[index] = ofTensor;
  }
  return all;
}

function isMeasuring({ phase }: MeasureState): boolean {
  return phase === "measuring" || phase === "paused";
}

function ofSameModels(a: MeasureRequest, b: MeasureRequest | null): boolean {
  return a.target === b?.target && JSON.stringify(a.vectors) === JSON.stringify(b.vectors);
}

/** News of a measurement that overtook the answer to its start. */
class EarlyNews {
  readonly #measures = new Map<string, MeasureState>();
  readonly #tensors = new Map<string, readonly TensorStatistics[]>();

  keep(id: string, news: { readonly measure?: MeasureState; readonly tensors?: readonly TensorStatistics[] }): void {
    if (news.measure !== undefined) this.#measures.set(id, news.measure);
    if (news.tensors !== undefined) this.#tensors.set(id, [...(this.#tensors.get(id) ?? []), ...news.tensors]);
  }

  /** What came of this one; the rest, of others, is let go. */
  take(id: string): { readonly measure: MeasureState | null; readonly tensors: readonly TensorStatistics[] } {
    const taken = { measure: this.#measures.get(id) ?? null, tensors: this.#tensors.get(id) ?? [] };
    this.#measures.clear();
    this.#tensors.clear();
    return taken;
  }
}
