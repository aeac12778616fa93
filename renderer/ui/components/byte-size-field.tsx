import { type KeyboardEvent, useEffect, useState } from "react";
import { formatByteSize, parseByteSize } from "../../../src-core/recipe/byte-size.ts";

interface ByteSizeFieldProps {
  readonly labelledBy: string;
  readonly describedBy?: string;
  readonly bytes: number;
  readonly disabled?: boolean;
  readonly onChange: (bytes: number) => void;
}

/** A size as it is written in recipes and on the command line ("5GB", "4GiB"), taken with Enter or when the field is left. */
export function ByteSizeField({ labelledBy, describedBy, bytes, disabled = false, onChange }: ByteSizeFieldProps) {
  const [text, setText] = useState(() => shownSize(bytes));
  useEffect(() => setText(shownSize(bytes)), [bytes]);
  const typed = parseByteSize(text);
  const isWrong = Number.isNaN(typed);
  const commit = () => {
    if (isWrong) return setText(shownSize(bytes));
    setText(shownSize(typed));
    if (typed !== bytes) onChange(typed);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") commit();
    // Back to what holds; a second Escape is for what the field stands in.
    else if (event.key === "Escape" && text !== shownSize(bytes)) {
      setText(shownSize(bytes));
      event.preventDefault();
      event.stopPropagation();
    }
  };
  return (
    <input
      className="field byte-size-field"
      type="text"
      aria-labelledby={labelledBy}
      aria-describedby={describedBy}
      aria-invalid={isWrong}
      title={isWrong ? "A size like 5GB, 500MB or 4GiB" : undefined}
      autoComplete="off"
      spellCheck={false}
      disabled={disabled}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onKeyDown={onKeyDown}
      onBlur={commit}
    />
  );
}

/** With a space, as people write it; it is read with or without. */
function shownSize(bytes: number): string {
  return formatByteSize(bytes).replace(/(?<=\d)(?=[A-Z])/, " ");
}
