import "./job-progress.css";
import { Progress } from "radix-ui";
import type { JobState } from "../../../electron/api/exports.ts";
import { formatBytes, formatPercent, formatRate, formatTimeLeft } from "../format/format.ts";
import { waitsForText } from "../format/waits-for-text.ts";
import { useStudio } from "../store/use-studio.tsx";

const phaseWords: Readonly<Record<JobState["phase"], string>> = {
  waiting: "Waiting for another window",
  preparing: "Preparing the output",
  merging: "Merging",
  paused: "Paused",
  verifying: "Verifying what was written",
  done: "Done",
  failed: "Failed",
  cancelled: "Cancelled",
};

/** Phase, share, bytes, throughput, time left, and the way out. A null job has been asked for and not begun. */
export function JobProgress({ job }: { readonly job: JobState | null }) {
  const cancelExport = useStudio((state) => state.cancelExport);
  const cancelling = useStudio((state) => state.cancelling);
  const pausing = useStudio((state) => state.pausing);
  const phase = cancelling ? "Cancelling" : pausing ? "Pausing" : phaseWords[job?.phase ?? "preparing"];
  const fraction = job?.phase === "merging" || job?.phase === "paused" ? mergedFraction(job) : null;
  return (
    <div className="job-progress">
      <div className="job-progress-bar">
        <div className="job-progress-head">
          <span>{phase}</span>
          {fraction !== null && <span>{formatPercent(fraction)}</span>}
        </div>
        <Progress.Root
          className="progress"
          aria-label="Export"
          value={fraction === null ? null : fraction * 100}
          getValueLabel={(value) => `${phase}, ${formatPercent(value / 100)}`}
        >
          <Progress.Indicator
            className="progress-indicator"
            style={fraction === null ? undefined : { transform: `translateX(${fraction * 100 - 100}%)` }}
          />
        </Progress.Root>
      </div>
      {job !== null && <Figures job={job} />}
      <div className="job-progress-actions">
        <PauseButton job={job} />
        <button
          type="button"
          className="button"
          disabled={job === null || cancelling}
          onClick={() => void cancelExport()}
        >
          Cancel
        </button>
      </div>
      <Announcement phase={phase} fraction={fraction} />
    </div>
  );
}

/** Another window has the engine: nothing moves here, and nothing is lost by leaving. */
export function JobWaiting({ job }: { readonly job: JobState }) {
  const cancelExport = useStudio((state) => state.cancelExport);
  const cancelling = useStudio((state) => state.cancelling);
  const text = `Waits for ${waitsForText(job.waitsFor)}`;
  return (
    <div className="job-progress">
      <p className="job-waiting" role="status">
        <b>Export</b>
        <span className="name" title={text}>
          {text}
        </span>
      </p>
      <button type="button" className="button" disabled={cancelling} onClick={() => void cancelExport()}>
        Cancel
      </button>
    </div>
  );
}

/** One button for both, so that it stays under the pointer and keeps the focus. */
function PauseButton({ job }: { readonly job: JobState | null }) {
  const pauseExport = useStudio((state) => state.pauseExport);
  const resumeExport = useStudio((state) => state.resumeExport);
  const waiting = useStudio((state) => state.pausing || state.cancelling);
  const paused = job?.phase === "paused";
  return (
    <button
      type="button"
      className="button job-progress-pause"
      disabled={waiting || !(paused || job?.phase === "merging")}
      onClick={() => void (paused ? resumeExport() : pauseExport())}
    >
      {paused ? "Resume" : "Pause"}
    </button>
  );
}

function Figures({ job }: { readonly job: JobState }) {
  return (
    <>
      <Figure name="Read" value={bytesOf(job.bytesRead, job.bytesToRead)} />
      <Figure name="Written" value={bytesOf(job.bytesWritten, job.bytesToWrite)} />
      <Figure name="Throughput" value={job.bytesPerSecond === null ? "–" : formatRate(job.bytesPerSecond)} />
      <Figure name="Time left" value={job.secondsLeft === null ? "–" : formatTimeLeft(job.secondsLeft)} />
    </>
  );
}

function Figure({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div className="merge-bar-figure job-progress-figure">
      <span>{name}</span>
      <span>{value}</span>
    </div>
  );
}

/** For screen readers: the phase and every tenth, not every change. */
function Announcement({ phase, fraction }: { readonly phase: string; readonly fraction: number | null }) {
  const tenths = fraction === null ? "" : `, ${Math.floor(fraction * 10) * 10} %`;
  return <output className="visually-hidden">{phase + tenths}</output>;
}

function bytesOf(done: number, total: number): string {
  return `${formatBytes(done)} of ${formatBytes(total)}`;
}

/** Reading and writing go at once, so both count. */
function mergedFraction({ bytesRead, bytesToRead, bytesWritten, bytesToWrite }: JobState): number {
  const total = bytesToRead + bytesToWrite;
  return total === 0 ? 0 : Math.min(1, (bytesRead + bytesWritten) / total);
}
