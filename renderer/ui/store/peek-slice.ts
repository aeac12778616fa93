import { roles } from "./model-slot.ts";
import { attempt } from "./shown-failure.ts";
import type { SliceTools } from "./slice.ts";
import type { Peek, PeekSlice } from "./studio-state.ts";
import { slotsOf } from "./vectors.ts";

/** Rows of values that the inspector shows at once. */
export const peekRowCount = 5;

export function createPeekSlice({ set, get, studio }: SliceTools): PeekSlice {
  let latestPeek = 0;

  const change = (part: Partial<Peek>) => set(({ peek }) => ({ peek: { ...peek, ...part } }));

  async function look(): Promise<void> {
    const { peek, selectedTensor } = get();
    const checkpoint = slotsOf(get())[peek.role].model;
    const asked = ++latestPeek;
    if (selectedTensor === null || checkpoint === null) return change({ values: null, failure: null });
    const { row, column, columnCount } = peek;
    const outcome = await attempt(() =>
      studio.peekValues({
        checkpoint: checkpoint.id,
        tensor: selectedTensor,
        row,
        column,
        rowCount: peekRowCount,
        columnCount,
      }),
    );
    if (asked !== latestPeek) return;
    change(outcome.ok ? { values: outcome.value, failure: null } : { values: null, failure: outcome.failure });
  }

  return {
    peek: { role: "target", row: 0, column: 0, columnCount: 5, values: null, failure: null },

    followPeek() {
      const { peek } = get();
      const slots = slotsOf(get());
      const role = slots[peek.role].model === null ? roles.find((other) => slots[other].model !== null) : peek.role;
      change({ role: role ?? peek.role, row: 0, column: 0, values: null, failure: null });
      void look();
    },

    peekAt(part) {
      change({ ...part, ...(part.role === undefined ? {} : { values: null, failure: null }) });
      void look();
    },
  };
}
