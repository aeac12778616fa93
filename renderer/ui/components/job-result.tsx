import "./job-result.css";
import { useEffect, useState } from "react";
import type { ExportResult } from "../../../electron/api/exports.ts";
import { formatBytes, formatCount, formatCounted, formatDuration } from "../format/format.ts";
import { splitPath } from "../format/names.ts";
import { useStudio } from "../store/use-studio.tsx";
import { CheckIcon, CloseIcon } from "./icons.tsx";
import { MiddleEllipsis } from "./middle-ellipsis.tsx";
import { Word } from "./words/word.tsx";

/** How long a button says that it has done its work. */
const copiedForMs = 2000;

/** Where the merged model lies, what was verified, and what to do with it. */
export function JobResult({ result }: { readonly result: ExportResult }) {
  const showInFolder = useStudio((state) => state.showInFolder);
  const dragOut = useStudio((state) => state.dragOut);
  const { samples, mismatches } = result.verified;
  const hashed = result.files.every(({ sha256 }) => sha256 !== null);
  return (
    <>
      <div className="job-result-mark" data-differs={mismatches > 0 || undefined} aria-hidden="true">
        {mismatches === 0 ? <CheckIcon /> : <CloseIcon />}
      </div>
      <div className="job-result" role="status">
        <p
          className="job-result-title"
          title="Drag the folder to a file manager or another program"
          draggable
          onDragStart={(event) => {
            event.preventDefault();
            void dragOut();
          }}
        >
          <span>
            {mismatches === 0 ? (
              <>
                Written and <Word of="verified">verified</Word>
              </>
            ) : (
              "Written, but not as computed"
            )}
          </span>
          <span className="job-result-path name">
            <MiddleEllipsis text={splitPath(result.out)} />
          </span>
        </p>
        <p className="job-result-facts selectable">
          {formatBytes(result.files.reduce((sum, { bytes }) => sum + bytes, 0))} in{" "}
          {formatCounted(result.files.length, "file")}, {formatCount(result.tensors.merged)} merged,{" "}
          {formatCount(result.tensors.copied)} copied, {formatDuration(result.seconds)} on {result.adapter}, because{" "}
          {result.because}. {formatCounted(samples, "value")} recomputed,{" "}
          {mismatches === 0 ? "all equal." : `${formatCount(mismatches)} differ.`}
          {hashed && " SHA-256 of every file in chat-vector.json."}
        </p>
        {result.problems.length > 0 && (
          <ul className="job-result-problems selectable">
            {result.problems.map(({ code, message }) => (
              <li key={`${code} ${message}`}>{message}</li>
            ))}
          </ul>
        )}
      </div>
      <div className="job-result-actions">
        <button type="button" className="button" onClick={() => void showInFolder()}>
          Show in folder
        </button>
        <CopyPath />
        <Move />
      </div>
    </>
  );
}

function Move() {
  const moveExport = useStudio((state) => state.moveExport);
  const moving = useStudio((state) => state.moving);
  return (
    <button type="button" className="button" disabled={moving} onClick={() => void moveExport()}>
      {moving ? "Moving" : "Move to…"}
    </button>
  );
}

function CopyPath() {
  const copyPath = useStudio((state) => state.copyPath);
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), copiedForMs);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <button type="button" className="button job-result-copy" onClick={async () => setCopied(await copyPath())}>
      <span aria-live="polite">{copied ? "Copied" : "Copy path"}</span>
    </button>
  );
}
