import type { TensorDetail } from "../../../../electron/api/measuring.ts";
import { formatCount, formatCounted } from "../../format/format.ts";
import { formatMagnitude } from "../../format/metric-text.ts";
import type { Inspection } from "../../store/studio-state.ts";
import { useStudio } from "../../store/use-studio.tsx";
import { FailureNote } from "../failure-note.tsx";
import { BarChart } from "./bar-chart.tsx";

/** Bars that the inspector has room for. */
const barCount = 92;
/** Of the rows that changed most. */
const shownRows = 6;

/** What is read of this tensor alone: ‖τ‖ by row, the rows that changed most, and how the values are spread. */
export function RowNorms({ name }: { readonly name: string }) {
  const inspection = useStudio((state) => state.inspection);
  if (inspection === null || inspection.tensor !== name) return null;
  const { detail } = inspection;
  return (
    <div className="row-norms" aria-busy={detail === null && inspection.status !== "failed"}>
      <h2>Norm by row</h2>
      {detail === null ? <Reading inspection={inspection} /> : <Detail detail={detail} />}
    </div>
  );
}

function Reading({ inspection }: { readonly inspection: Inspection }) {
  const readRows = useStudio((state) => state.readRows);
  if (inspection.status === "failed" && inspection.failure !== null) {
    return (
      <FailureNote failure={inspection.failure}>
        <button type="button" className="button" onClick={() => void readRows()}>
          Try again
        </button>
      </FailureNote>
    );
  }
  if (inspection.status === "offered") {
    return (
      <p className="row-norms-offer">
        <button type="button" className="button" onClick={() => void readRows()}>
          Read rows
        </button>
        <span>Takes as long as reading the tensor.</span>
      </p>
    );
  }
  return (
    <p className="row-norms-reading" role="status">
      {inspection.status === "reading" ? "Reading the rows" : ""}
    </p>
  );
}

function Detail({ detail }: { readonly detail: TensorDetail }) {
  const { rowNorms, rowCount, topRows } = detail;
  const heights = largestOf(rowNorms, barCount);
  const most = Math.max(...heights, 0);
  return (
    <>
      <BarChart
        kind="quiet"
        heights={most === 0 ? heights : heights.map((height) => height / most)}
        label={`Norm of τ in each of ${formatCounted(rowCount, "row")}, at most ${formatMagnitude(most, 3)}`}
        ticks={["0", formatCount(Math.max(rowCount - 1, 0))]}
      />
      {most > 0 && <TopRows rows={topRows} />}
    </>
  );
}

/** With tokens a list; without them the numbers alone say enough on one line. */
function TopRows({ rows }: { readonly rows: TensorDetail["topRows"] }) {
  const shown = rows.slice(0, shownRows);
  if (shown.length === 0) return null;
  if (shown.every(({ token }) => token === null)) {
    return <p className="top-rows-line">most in {shown.map(({ row }) => formatCount(row)).join(", ")}</p>;
  }
  return (
    <ol className="top-rows" aria-label="Rows that changed most">
      {shown.map(({ row, norm, token }) => (
        <li key={row}>
          <span>row {formatCount(row)}</span>
          <span className="mono top-rows-token">{token === null ? "" : visibleToken(token)}</span>
          <span>{formatMagnitude(norm, 3)}</span>
        </li>
      ))}
    </ol>
  );
}

/** At most `count` bars, each as high as the highest row that it stands for. */
function largestOf(norms: readonly number[], count: number): readonly number[] {
  if (norms.length <= count) return norms;
  return Array.from({ length: count }, (_, bar) => {
    const from = Math.floor((bar * norms.length) / count);
    const end = Math.max(Math.floor(((bar + 1) * norms.length) / count), from + 1);
    return norms.slice(from, end).reduce((most, norm) => Math.max(most, norm), 0);
  });
}

/** Spaces and line breaks of a token as marks that can be seen. */
function visibleToken(token: string): string {
  return token.replaceAll(" ", "␣").replaceAll("\n", "↵").replaceAll("\t", "⇥");
}
