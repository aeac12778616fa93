import "./measure-status.css";
import type { MeasureState } from "../../../electron/api/measuring.ts";
import { formatCounted, formatPercent, formatTimeLeft } from "../format/format.ts";
import { formatMetric, metricTexts } from "../format/metric-text.ts";
import { waitsForText } from "../format/waits-for-text.ts";
import { overallOf, shownMetric } from "../store/measured.ts";
import { useStudio } from "../store/use-studio.tsx";
import { nonFiniteTensorsOf } from "../views/non-finite.ts";
import { metricWords } from "../words/metric-words.ts";
import { Word } from "./words/word.tsx";

/** How far measuring is, and the way to stop it or go on; afterwards the whole model's number. */
export function MeasureStatus() {
  const measure = useStudio((state) => state.measure);
  const starting = useStudio((state) => state.measureStarting);
  return (
    <div className="measure-status">
      <NonFinite />
      {measure === null ? (
        starting && <span role="status">Starting to measure</span>
      ) : (
        <Phase measure={measure} starting={starting} />
      )}
    </div>
  );
}

function Phase({ measure, starting }: { readonly measure: MeasureState; readonly starting: boolean }) {
  const startMeasure = useStudio((state) => state.startMeasure);
  const cancelMeasure = useStudio((state) => state.cancelMeasure);
  const fraction = measure.bytesToRead === 0 ? 0 : measure.bytesRead / measure.bytesToRead;
  switch (measure.phase) {
    case "done":
      return <Whole remembered={measure.remembered} />;
    case "failed":
      return <span role="status">Measuring failed at {formatPercent(fraction)}</span>;
    case "cancelled":
      return (
        <>
          <span role="status">Stopped at {formatPercent(fraction)}</span>
          <button type="button" className="ghost" disabled={starting} onClick={() => void startMeasure()}>
            Go on
          </button>
        </>
      );
    case "paused":
      return <Paused measure={measure} fraction={fraction} />;
    case "measuring":
      return (
        <>
          <span>Measuring, {formatPercent(fraction)}</span>
          <span
            className="measure-bar"
            role="progressbar"
            aria-label="Measuring"
            aria-valuenow={Math.floor(fraction * 100)}
          >
            <span style={{ transform: `scaleX(${fraction})` }} />
          </span>
          <span className="measure-left">
            {measure.secondsLeft === null ? "" : `${formatTimeLeft(measure.secondsLeft)} left`}
          </span>
          <button type="button" className="ghost" onClick={() => void cancelMeasure()}>
            Stop
          </button>
        </>
      );
  }
}

/** Something else has the engine: this window's export, or the work of another window. */
function Paused({
  measure: { waitsFor, bytesRead },
  fraction,
}: {
  readonly measure: MeasureState;
  readonly fraction: number;
}) {
  const cancelMeasure = useStudio((state) => state.cancelMeasure);
  if (waitsFor === null || waitsFor.window === null) {
    return <span role="status">Paused at {formatPercent(fraction)} while the export runs</span>;
  }
  const text = `${bytesRead === 0 ? "Measuring waits" : `Paused at ${formatPercent(fraction)}, waits`} for ${waitsForText(waitsFor)}`;
  return (
    <>
      <span className="measure-waits name" role="status" title={text}>
        {text}
      </span>
      <button type="button" className="ghost" onClick={() => void cancelMeasure()}>
        Stop
      </button>
    </>
  );
}

/** The metric over all tensors together. */
function Whole({ remembered }: { readonly remembered: boolean }) {
  const shown = useStudio(shownMetric);
  const comparing = useStudio(({ view }) => view === "compare");
  const metric = comparing ? "cosine" : shown;
  const overall = useStudio(overallOf);
  const value = overall?.[metric] ?? null;
  return (
    <span role="status" title={remembered ? "These files were measured before; nothing was read" : undefined}>
      {remembered && "Remembered. "}
      {value !== null && (
        <>
          Whole model <b>{formatMetric(metric, value)}</b>{" "}
          <Word of={metricWords[metric]}>{metricTexts[metric].name.toLowerCase()}</Word>
        </>
      )}
    </span>
  );
}

/** NaN and infinities are worth a look before anything is merged: each press selects the next tensor that has one. */
function NonFinite() {
  const tensors = useStudio(nonFiniteTensorsOf);
  const selected = useStudio((state) => state.selectedTensor);
  const selectTensor = useStudio((state) => state.selectTensor);
  if (tensors.length === 0) return null;
  const next = tensors[(tensors.indexOf(selected ?? "") + 1) % tensors.length] ?? null;
  return (
    <button type="button" className="measure-non-finite" onClick={() => selectTensor(next)}>
      {formatCounted(tensors.length, "tensor")} with NaN or ∞
    </button>
  );
}
