import "./scale-control.css";
import { Slider } from "radix-ui";
import { type KeyboardEvent, useId } from "react";
import { formatScale } from "../format/format.ts";
import { isJobRunning } from "../store/job-phase.ts";
import { scaleStep, sliderRange } from "../store/plan-slice.ts";
import { useStudio } from "../store/use-studio.tsx";
import { selectedNameOf, selectedVectorOf } from "../store/vectors.ts";
import { Word } from "./words/word.tsx";

/** λ by slider for the usual range, and by a field for any number. */
export function ScaleControl() {
  const scale = useStudio((state) => selectedVectorOf(state).scale);
  const setScale = useStudio((state) => state.setScale);
  const locked = useStudio(isJobRunning);
  const shown = Math.min(sliderRange.maximum, Math.max(sliderRange.minimum, scale));
  return (
    <div className="scale-control" data-tour="scale">
      <ScaleField />
      <Slider.Root
        className="slider"
        min={sliderRange.minimum}
        max={sliderRange.maximum}
        step={scaleStep}
        disabled={locked}
        value={[shown]}
        onValueChange={([value]) => {
          if (value !== undefined) setScale(value);
        }}
      >
        <Slider.Track className="slider-track">
          <Slider.Range className="slider-range" />
        </Slider.Track>
        <Slider.Thumb className="slider-thumb" aria-label="Scale λ" aria-valuetext={formatScale(scale)} />
      </Slider.Root>
    </div>
  );
}

function ScaleField() {
  const name = useStudio(selectedNameOf);
  const scale = useStudio((state) => selectedVectorOf(state).scale);
  const text = useStudio((state) => selectedVectorOf(state).scaleText);
  const error = useStudio((state) => selectedVectorOf(state).scaleError);
  const typeScale = useStudio((state) => state.typeScale);
  const stepScale = useStudio((state) => state.stepScale);
  const restore = useStudio((state) => state.restoreScaleText);
  const locked = useStudio(isJobRunning);
  const errorId = useId();
  const labelId = useId();

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowUp") stepScale(1);
    else if (event.key === "ArrowDown") stepScale(-1);
    else if (event.key === "Escape") restore();
    else if (event.key === "Enter" && error === null) restore();
    else return;
    event.preventDefault();
  };

  return (
    <div className="scale-field">
      <div className="scale-field-line">
        <span id={labelId} className="scale-field-label">
          <Word of="lambda">Scale λ</Word>
          {name !== null && <span className="name">{name}</span>}
        </span>
        <input
          className="field scale-field-input"
          type="text"
          inputMode="decimal"
          role="spinbutton"
          aria-labelledby={labelId}
          aria-valuenow={scale}
          aria-valuetext={formatScale(scale)}
          aria-invalid={error !== null}
          aria-describedby={error === null ? undefined : errorId}
          autoComplete="off"
          spellCheck={false}
          disabled={locked}
          value={text}
          onChange={(event) => typeScale(event.target.value)}
          onKeyDown={onKeyDown}
          onBlur={error === null ? restore : undefined}
        />
      </div>
      {error !== null && (
        <span id={errorId} className="scale-field-error" role="alert">
          {error}
        </span>
      )}
    </div>
  );
}
