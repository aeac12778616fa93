import "./merge-bar.css";
import { useMemo } from "react";
import { formatBytes, formatCounted } from "../format/format.ts";
import { useStudio } from "../store/use-studio.tsx";
import { ExportButton } from "./export-button.tsx";
import { OutputControl } from "./output-control.tsx";
import { outputDtypes } from "./plan-overview.ts";
import { ScaleControl } from "./scale-control.tsx";

/** λ, what will be written and where, and the export. */
export function MergeBar() {
  return (
    <section className="merge-bar" aria-label="Merge">
      <ScaleControl />
      <Writes />
      <OutputControl />
      <ExportButton />
    </section>
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
        {[formatBytes(plan.bytesWritten), formatCounted(plan.fileCount, "file"), dtypes].filter(Boolean).join(", ")}
      </span>
    </div>
  );
}
