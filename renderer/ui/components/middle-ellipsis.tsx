import "./middle-ellipsis.css";
import type { SplitText } from "../format/names.ts";

interface MiddleEllipsisProps {
  readonly text: SplitText;
  /** What hovering says, if not the text itself. */
  readonly title?: string;
}

/** A text on one line that is shortened in its middle where it does not fit; hovering shows all of it, or what it stands for. */
export function MiddleEllipsis({ text: { head, tail }, title = head + tail }: MiddleEllipsisProps) {
  return (
    <span className="middle-ellipsis" title={title}>
      <span className="middle-ellipsis-head">{head}</span>
      <span className="middle-ellipsis-tail">{tail}</span>
    </span>
  );
}
