import "./middle-ellipsis.css";
import type { SplitText } from "../format/names.ts";

interface MiddleEllipsisProps {
  readonly text: SplitText;
}

/** A text on one line that is shortened in its middle where it does not fit; hovering shows all of it. */
export function MiddleEllipsis({ text: { head, tail } }: MiddleEllipsisProps) {
  return (
    <span className="middle-ellipsis" title={head + tail}>
      <span className="middle-ellipsis-head">{head}</span>
      <span className="middle-ellipsis-tail">{tail}</span>
    </span>
  );
}
