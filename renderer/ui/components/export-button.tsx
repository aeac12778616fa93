import "./export-button.css";
import { useId } from "react";
import { exportBlocker } from "../store/export-blocker.ts";
import { isJobRunning } from "../store/job-phase.ts";
import { useStudio } from "../store/use-studio.tsx";

/** Stays focusable while it cannot be pressed, so that its reason can be read and the focus is not lost during an export. */
export function ExportButton() {
  const blocker = useStudio(exportBlocker);
  const running = useStudio(isJobRunning);
  const waiting = useStudio((state) => state.job?.phase === "waiting");
  const again = useStudio((state) => state.job?.phase === "done");
  const resumes = useStudio(({ output, startsOver }) => (output?.unfinished ?? null) !== null && !startsOver);
  const startExport = useStudio((state) => state.startExport);
  const reasonId = useId();
  return (
    <div className="export-button">
      <span id={reasonId} className="export-button-reason">
        {running ? "" : blocker}
      </span>
      <button
        type="button"
        className="button button-primary"
        data-tour="export"
        aria-disabled={blocker !== null}
        aria-describedby={blocker === null ? undefined : reasonId}
        onClick={blocker === null ? () => void startExport() : undefined}
      >
        {waiting ? "Waiting" : running ? "Exporting" : resumes ? "Resume export" : again ? "Export again" : "Export"}
      </button>
    </div>
  );
}
