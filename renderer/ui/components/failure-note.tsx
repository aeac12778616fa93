import "./failure-note.css";
import type { ReactNode } from "react";
import type { ShownFailure } from "../store/shown-failure.ts";

interface FailureNoteProps {
  readonly failure: ShownFailure;
  /** On one line, where there is width for it. */
  readonly inline?: boolean;
  /** The ways out. */
  readonly children?: ReactNode;
}

const asSentence = (text: string) => (/[.!?…]$/.test(text) ? text : `${text}.`);

/** What stands between backquotes is to be typed. */
function withCommands(text: string): ReactNode {
  // Every other part stood between them.
  return text.split("`").map((part, index) =>
    index % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text that does not change
      <code key={index} className="mono">
        {part}
      </code>
    ) : (
      part
    ),
  );
}

/** What went wrong, where, what was expected and found, and what to do now. */
export function FailureNote({ failure, inline = false, children }: FailureNoteProps) {
  const { what, where, expected, actual, advice } = failure;
  return (
    <div className="failure-note" role="alert" data-inline={inline || undefined} data-code={failure.code}>
      <p className="failure-note-what">{what}</p>
      {where !== undefined && <p className="failure-note-where mono">{where}</p>}
      {(expected !== undefined || actual !== undefined) && (
        <dl className="failure-note-values">
          {expected !== undefined && (
            <div>
              <dt>Expected</dt>
              <dd>{expected}</dd>
            </div>
          )}
          {actual !== undefined && (
            <div>
              <dt>Found</dt>
              <dd>{actual}</dd>
            </div>
          )}
        </dl>
      )}
      {advice !== undefined && <p className="failure-note-advice">{withCommands(asSentence(advice))}</p>}
      {children !== undefined && <div className="failure-note-actions">{children}</div>}
    </div>
  );
}
