import { useMemo } from "react";
import type { PlanSummary } from "../../../../electron/api/plan.ts";
import { formatBytes, formatCount, formatCounted } from "../../format/format.ts";
import { copyReasons, outputDtypes } from "../plan-overview.ts";
import { Word } from "../words/word.tsx";

/** What is done with all tensors together. */
export function PlanFacts({ plan }: { readonly plan: PlanSummary }) {
  const reasons = useMemo(() => copyReasons(plan.rows), [plan.rows]);
  const dtypes = useMemo(() => outputDtypes(plan), [plan]);
  return (
    <>
      <div className="inspector-head">
        <h2>
          <Word of="plan">Plan</Word>
        </h2>
      </div>
      <dl className="facts-list">
        <dt>
          <Word of="tensor">Tensors</Word>
        </dt>
        <dd>{formatCount(plan.rows.length)}</dd>
        <dt>Merged</dt>
        <dd>{formatCount(plan.mergedCount)}</dd>
        <dt>Copied</dt>
        <dd>{formatCount(plan.copiedCount)}</dd>
        <dt>Reads</dt>
        <dd>{formatBytes(plan.bytesRead)}</dd>
        <dt>Writes</dt>
        <dd>
          {formatBytes(plan.bytesWritten)} in {formatCounted(plan.fileCount, "file")}
        </dd>
        {dtypes !== "" && (
          <>
            <dt>
              Output <Word of="dtype">dtype</Word>
            </dt>
            <dd>{dtypes}</dd>
          </>
        )}
      </dl>
      {reasons.length > 0 && (
        <>
          <h2>Copied because</h2>
          <dl className="facts-list inspector-reasons">
            {reasons.map(({ reason, count }) => (
              <div key={reason}>
                <dt>{reason}</dt>
                <dd>{formatCount(count)}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
      <p className="inspector-hint">Select a tensor to see what happens to it.</p>
    </>
  );
}
