import { type KeyboardEvent, useEffect, useState } from "react";
import { formatScale } from "../../format/format.ts";
import { parseScale } from "../../format/parse-scale.ts";
import { isJobRunning } from "../../store/job-phase.ts";
import { shapedOf } from "../../store/shaped.ts";
import { useStudio } from "../../store/use-studio.tsx";
import { Word } from "../words/word.tsx";

/** λ of what stands outside the layers: of its own, or, with nothing in the field, the plain one. */
export function OutsideField() {
  const outside = useStudio((state) => shapedOf(state).outside);
  const scale = useStudio((state) => shapedOf(state).scale);
  const setOutside = useStudio((state) => state.setOutside);
  const locked = useStudio(isJobRunning);
  const shown = outside === null ? "" : formatScale(outside);
  const [text, setText] = useState(shown);
  useEffect(() => setText(shown), [shown]);
  const parsed = text.trim() === "" ? null : parseScale(text);
  const isWrong = parsed !== null && !parsed.ok;
  const commit = () => {
    if (isWrong) return setText(shown);
    const typed = parsed?.ok ? parsed.scale : null;
    if (typed === outside) setText(shown);
    else setOutside(typed);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") commit();
    else if (event.key === "Escape") setText(shown);
  };
  return (
    <span className="curve-outside">
      <Word of="outside">Outside</Word>
      <input
        className="field"
        type="text"
        inputMode="decimal"
        aria-label="λ outside the layers"
        aria-invalid={isWrong}
        title={isWrong ? parsed.message : "λ of embeddings, final norm and head; with nothing in it, λ as it is"}
        placeholder={formatScale(scale)}
        autoComplete="off"
        spellCheck={false}
        disabled={locked}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        onBlur={commit}
      />
    </span>
  );
}
