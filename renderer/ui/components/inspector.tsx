import "./inspector.css";
import { useMemo } from "react";
import type { PlanRow, PlanSummary } from "../../../electron/api.ts";
import { formatBytes, formatCount, formatCounted, formatShape, formatSingleScale } from "../format/format.ts";
import { useStudio } from "../store/use-studio.tsx";
import { CloseIcon } from "./icons.tsx";
import { actionWords, dtypeChange } from "./plan-grid-row.tsx";
import { copyReasons, outputDtypes } from "./plan-overview.ts";

/** The selected tensor; without one, the plan as a whole. */
export function Inspector() {
  const plan = useStudio((state) => state.plan);
  const name = useStudio((state) => state.selectedTensor);
  const row = useMemo(() => plan?.rows.find((candidate) => candidate.name === name) ?? null, [plan, name]);
  if (plan === null) return null;
  return (
    <section className="inspector" aria-label="Inspector">
      {row === null ? <PlanFacts plan={plan} /> : <TensorFacts row={row} />}
    </section>
  );
}

function TensorFacts({ row }: { readonly row: PlanRow }) {
  const selectTensor = useStudio((state) => state.selectTensor);
  return (
    <>
      <div className="inspector-head">
        <h2>Tensor</h2>
        <button type="button" className="icon-button" aria-label="Close tensor" onClick={() => selectTensor(null)}>
          <CloseIcon />
        </button>
      </div>
      <h3 className="inspector-name mono">{row.name}</h3>
      <p className="inspector-shape">
        {formatShape(row.shape)}, {dtypeChange(row)}
      </p>
      <dl className="facts-list">
        <dt>Layer</dt>
        <dd>{row.layer ?? "outside the layers"}</dd>
        <dt>Size</dt>
        <dd>{formatBytes(row.byteLength)}</dd>
        {row.scale !== null && (
          <>
            <dt>Scale λ</dt>
            <dd>{formatSingleScale(row.scale)}</dd>
          </>
        )}
      </dl>
      <h2>Plan</h2>
      <p className="inspector-text selectable">
        {actionWords[row.action]}, {row.reason}
        {row.action === "merge" && `, rounded once to ${row.outputDtype.toLowerCase()}`}
      </p>
    </>
  );
}

function PlanFacts({ plan }: { readonly plan: PlanSummary }) {
  const reasons = useMemo(() => copyReasons(plan.rows), [plan.rows]);
  const dtypes = useMemo(() => outputDtypes(plan), [plan]);
  return (
    <>
      <div className="inspector-head">
        <h2>Plan</h2>
      </div>
      <dl className="facts-list">
        <dt>Tensors</dt>
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
            <dt>Output dtype</dt>
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
