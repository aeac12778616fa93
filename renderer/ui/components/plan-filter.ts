import type { PlanRow } from "../../../electron/api/plan.ts";

export type ActionFilter = "all" | PlanRow["action"];

export interface PlanFilter {
  readonly action: ActionFilter;
  /** Words that a row's name, reason or dtypes contain, all of them, in any case. */
  readonly query: string;
}

/** The rows that a filter leaves, in the plan's order; the same array when it leaves all. */
export function filterRows(rows: readonly PlanRow[], { action, query }: PlanFilter): readonly PlanRow[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (action === "all" && words.length === 0) return rows;
  return rows.filter((row) => {
    if (action !== "all" && row.action !== action) return false;
    if (words.length === 0) return true;
    const text = `${row.name}\n${row.reason}\n${row.inputDtype}\n${row.outputDtype}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
