import "./merge-bar.css";
import { useMemo } from "react";
import { formatBytes, formatCounted } from "../format/format.ts";
import { formatShare } from "../format/metric-text.ts";
import { hasTarget, overallOf } from "../store/measured.ts";
import { useStudio } from "../store/use-studio.tsx";
import { ExportButton } from "./export-button.tsx";
import { OutputControl } from "./output-control.tsx";
import { outputDtypes } from "./plan-overview.ts";
import { ScaleControl } from "./scale-control.tsx";
import { Word } from "./words/word.tsx";

/** λ, what will be written and where, and the export. */
export function MergeBar() {
  return (
    <section className="merge-bar" aria-label="Merge">
      <ScaleControl />
      <MergedShift />
      <Writes />
      <OutputControl />
      <ExportButton />
    </section>
  );
}

/** How far the whole target moves at the present λ, curve and rules; from what is measured, without planning. */
function MergedShift() {
  const shift = useStudio((state) => (hasTarget(state) ? (overallOf(state)?.mergedShiftRelative ?? null) : null));
  const partial = useStudio(({ statistics }) => statistics.some((ofTensor) => ofTensor === null));
  if (shift === null) return null;
  return (
    <div className="merge-bar-figure">
      <span>
        <Word of="merged-shift">Merged shift</Word>
        {partial ? " so far" : ""}
      </span>
      <span>{formatShare(shift, 2)} of target</span>
    </div>
  );
}

function Writes() {
  const plan = useStudio((state) => state.plan);
  const dtypes = useMemo(() => (plan === null ? "" : outputDtypes(plan)), [plan]);
  if (plan === null || plan.rows.length === 0) return null;
  return (
    <div className="merge-bar-figure">
      <span>Writes</span>
      <span>
        {formatBytes(plan.bytesWritten)}, <Word of="shard">{formatCounted(plan.fileCount, "file")}</Word>
        {dtypes !== "" && (
          <>
            , <Word of="dtype">{dtypes}</Word>
          </>
        )}
      </span>
    </div>
  );
}
