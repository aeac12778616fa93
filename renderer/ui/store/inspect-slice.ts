import type { TensorDetail } from "../../../electron/api/measuring.ts";
import { rowIndexOf, shownVectorOf } from "./measured.ts";
import { attempt } from "./shown-failure.ts";
import type { SliceTools } from "./slice.ts";
import type { Inspection, InspectSlice, StudioState } from "./studio-state.ts";

/** A tensor is read once the selection has stayed on it this long: moving through cells reads nothing. */
export const dwellMs = 350;
/** Larger tensors are read when asked to: at 3 × 2 bytes an element this is 1.2 GB. */
const offeredAboveElements = 200_000_000;
/** Tensors whose rows are kept for when the selection comes back. */
const keptCount = 64;

export function createInspectSlice({ set, get, studio }: SliceTools): InspectSlice {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let latestRead = 0;
  const kept = new Map<string, TensorDetail>();
  let keptFor = "";

  const show = (tensor: string, change: Partial<Inspection> & Pick<Inspection, "status">) =>
    set({ inspection: { tensor, detail: null, failure: null, ...change } });

  /** What was read of other models says nothing. */
  function recall(tensor: string): TensorDetail | null {
    const request = whatIsRead(get());
    if (request !== keptFor) kept.clear();
    keptFor = request;
    return kept.get(tensor) ?? null;
  }

  function keep(tensor: string, detail: TensorDetail): void {
    kept.set(tensor, detail);
    const [oldest] = kept.keys();
    if (kept.size > keptCount && oldest !== undefined) kept.delete(oldest);
  }

  return {
    inspection: null,

    followSelection() {
      clearTimeout(timer);
      latestRead++;
      const { selectedTensor, measureRows } = get();
      const row = selectedTensor === null ? undefined : measureRows[rowIndexOf(get()).get(selectedTensor) ?? -1];
      if (row === undefined) return set({ inspection: null });
      const detail = recall(row.name);
      if (detail !== null) return show(row.name, { status: "done", detail });
      if (row.elementCount > offeredAboveElements) return show(row.name, { status: "offered" });
      show(row.name, { status: "waiting" });
      timer = setTimeout(() => void get().readRows(), dwellMs);
    },

    async readRows() {
      const { measureRequest, inspection } = get();
      const vector = shownVectorOf(get());
      const asked = whatIsRead(get());
      if (measureRequest === null || inspection === null) return;
      const { tensor } = inspection;
      const read = ++latestRead;
      show(tensor, { status: "reading" });
      const outcome = await attempt(() => studio.inspectTensor({ ...measureRequest, tensor, vector }));
      if (outcome.ok && asked === whatIsRead(get())) keep(tensor, outcome.value);
      if (read !== latestRead) return;
      if (outcome.ok) show(tensor, { status: "done", detail: outcome.value });
      else show(tensor, { status: "failed", failure: outcome.failure });
    },
  };
}

/** The models and the vector that a tensor is read of. */
function whatIsRead(state: StudioState): string {
  return JSON.stringify([state.measureRequest, shownVectorOf(state)]);
}
