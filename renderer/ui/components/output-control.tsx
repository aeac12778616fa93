import "./output-control.css";
import type { OutputChoice } from "../../../electron/api/exports.ts";
import { formatBytes, formatPercent } from "../format/format.ts";
import { splitPath } from "../format/names.ts";
import { isJobRunning } from "../store/job-phase.ts";
import { useStudio } from "../store/use-studio.tsx";
import { FailureNote } from "./failure-note.tsx";
import { MiddleEllipsis } from "./middle-ellipsis.tsx";
import { OutputOptions } from "./output-options.tsx";

/** Where the merged model goes, and whether there is room for it. */
export function OutputControl() {
  const output = useStudio((state) => state.output);
  const failure = useStudio((state) => state.outputFailure);
  const proposeOutput = useStudio((state) => state.proposeOutput);
  const pickOutput = useStudio((state) => state.pickOutput);
  return (
    <div className="output-control">
      {output !== null && <Output output={output} />}
      <Preflight />
      {failure !== null && (
        <FailureNote failure={failure} inline>
          {output === null && (
            <>
              <button type="button" className="button" onClick={() => void proposeOutput()}>
                Try again
              </button>
              <button type="button" className="button" onClick={() => void pickOutput()}>
                Choose…
              </button>
            </>
          )}
        </FailureNote>
      )}
    </div>
  );
}

function Output({ output }: { readonly output: OutputChoice }) {
  const pickOutput = useStudio((state) => state.pickOutput);
  const locked = useStudio(isJobRunning);
  return (
    <>
      <div className="output-control-head">
        <span className="output-control-label">Output folder</span>
        <FreeSpace output={output} />
      </div>
      <div className="output-control-path">
        <span className="name">
          <MiddleEllipsis text={splitPath(output.path)} />
        </span>
        <button
          type="button"
          className="button"
          aria-label="Change output folder…"
          disabled={locked}
          onClick={() => void pickOutput()}
        >
          Change…
        </button>
        <OutputOptions />
      </div>
      {output.exists && <Replace />}
      {output.unfinished !== null && <Unfinished unfinished={output.unfinished} />}
    </>
  );
}

/** What would hinder the export, said before it is started. */
function Preflight() {
  const preflight = useStudio((state) => state.preflight);
  const locked = useStudio(isJobRunning);
  if (preflight === null || locked) return null;
  const { failure, notices } = preflight;
  return (
    <>
      {failure !== null && <FailureNote failure={failure} inline />}
      {notices.map(({ code, message }) => (
        <p key={`${code} ${message}`} className="output-control-notice">
          {message}
        </p>
      ))}
    </>
  );
}

function FreeSpace({ output: { freeBytes } }: { readonly output: OutputChoice }) {
  const bytesWritten = useStudio((state) => state.plan?.bytesWritten ?? 0);
  if (freeBytes === null) return null;
  const short = freeBytes < bytesWritten;
  return (
    <span className="output-control-free" data-short={short || undefined}>
      {short ? `only ${formatBytes(freeBytes)} free` : `${formatBytes(freeBytes)} free`}
    </span>
  );
}

/** An export to this folder that did not come to its end: it goes on, unless the user wants otherwise. */
function Unfinished({ unfinished }: { readonly unfinished: NonNullable<OutputChoice["unfinished"]> }) {
  const startsOver = useStudio((state) => state.startsOver);
  const setStartsOver = useStudio((state) => state.setStartsOver);
  const locked = useStudio(isJobRunning);
  const { bytesWritten, bytesToWrite } = unfinished;
  if (locked) return null;
  return (
    <label className="output-control-replace">
      <input type="checkbox" checked={!startsOver} onChange={(event) => setStartsOver(!event.target.checked)} />
      Go on with the unfinished export ({formatPercent(bytesToWrite === 0 ? 0 : bytesWritten / bytesToWrite)} written)
    </label>
  );
}

/** The one decision about the output, said where it arises. */
function Replace() {
  const overwrite = useStudio((state) => state.overwrite);
  const setOverwrite = useStudio((state) => state.setOverwrite);
  const locked = useStudio(isJobRunning);
  return (
    <label className="output-control-replace">
      <input
        type="checkbox"
        checked={overwrite}
        disabled={locked}
        onChange={(event) => setOverwrite(event.target.checked)}
      />
      It exists: replace what is in it
    </label>
  );
}
