import "./plan-table.css";
import { useDeferredValue, useMemo, useState } from "react";
import type { PlanSummary } from "../../../electron/api/plan.ts";
import { filterRows, type PlanFilter } from "./plan-filter.ts";
import { PlanGrid } from "./plan-grid.tsx";
import { PlanToolbar } from "./plan-toolbar.tsx";

/** What happens to every tensor of the target. */
export function PlanTable({ plan }: { readonly plan: PlanSummary }) {
  const [filter, setFilter] = useState<PlanFilter>({ action: "all", query: "" });
  // Typing stays fluent over a hundred thousand rows: the rows may follow a frame later.
  const deferredFilter = useDeferredValue(filter);
  const rows = useMemo(() => filterRows(plan.rows, deferredFilter), [plan.rows, deferredFilter]);
  const blocked = plan.problems.some(({ severity }) => severity === "error");
  return (
    <section className="plan-table" aria-label="Plan">
      {plan.rows.length > 0 && (
        <PlanToolbar plan={plan} filter={filter} shownCount={rows.length} onChange={setFilter} />
      )}
      {rows.length > 0 ? (
        // Another filter begins at its top, or where the selected tensor stands.
        <PlanGrid key={`${deferredFilter.action} ${deferredFilter.query}`} rows={rows} />
      ) : (
        <p className="plan-table-empty">
          {plan.rows.length > 0
            ? "No tensor is called that, or treated so."
            : blocked
              ? "The models do not fit, so nothing is planned. The reason stands under them."
              : "The target holds no tensors."}
        </p>
      )}
    </section>
  );
}
