import "./job-strip.css";
import { exportBlocker } from "../store/export-blocker.ts";
import { hasEnded } from "../store/job-phase.ts";
import { useStudio } from "../store/use-studio.tsx";
import { FailureNote } from "./failure-note.tsx";
import { CloseIcon } from "./icons.tsx";
import { JobProgress, JobWaiting } from "./job-progress.tsx";
import { JobResult } from "./job-result.tsx";

/** The running export, or how the last one ended; above λ, so that the next one can be prepared at once. */
export function JobStrip() {
  const job = useStudio((state) => state.job);
  const starting = useStudio((state) => state.starting);
  const jobFailure = useStudio((state) => state.jobFailure);
  const dismissJob = useStudio((state) => state.dismissJob);
  const ended = job !== null && hasEnded(job);
  return (
    <section className="job-strip" aria-label="Export">
      {job?.phase === "waiting" && <JobWaiting job={job} />}
      {(starting || (job !== null && !ended && job.phase !== "waiting")) && <JobProgress job={job} />}
      {ended && (
        <div className="job-ended" data-phase={job.phase}>
          {job.result !== null && job.phase === "done" && <JobResult result={job.result} />}
          {job.phase === "failed" && (
            <FailureNote failure={job.failure ?? failedSilently} inline>
              {job.resumable && <ResumeButton />}
            </FailureNote>
          )}
          {job.phase === "cancelled" && <p role="status">Export cancelled. The models are as they were.</p>}
          <button type="button" className="icon-button job-dismiss" aria-label="Dismiss" onClick={dismissJob}>
            <CloseIcon />
          </button>
        </div>
      )}
      {jobFailure !== null && (
        <div className="job-ended" data-phase="failed">
          <FailureNote failure={jobFailure} inline />
          {!ended && !starting && job === null && (
            <button type="button" className="icon-button job-dismiss" aria-label="Dismiss" onClick={dismissJob}>
              <CloseIcon />
            </button>
          )}
        </div>
      )}
    </section>
  );
}

function ResumeButton() {
  const startExport = useStudio((state) => state.startExport);
  const blocked = useStudio((state) => exportBlocker(state) !== null);
  return (
    <button type="button" className="button" disabled={blocked} onClick={() => void startExport()}>
      Resume
    </button>
  );
}

const failedSilently = {
  code: "unexpected",
  what: "The export failed and did not say why",
  advice: "Export again.",
} as const;
