import { DropdownMenu } from "radix-ui";
import { type KeyboardEvent, useEffect, useId, useState } from "react";
import { formatScale } from "../../format/format.ts";
import { parseScale } from "../../format/parse-scale.ts";
import { shapedPointsOf } from "../../shape/curve-points.ts";
import { curvePresets, movePoint, removePoint } from "../../shape/layer-curve.ts";
import { isJobRunning } from "../../store/job-phase.ts";
import { shapedOf } from "../../store/shaped.ts";
import { useStudio } from "../../store/use-studio.tsx";
import { Word } from "../words/word.tsx";
import { OutsideField } from "./outside-field.tsx";
import { ShapedRule } from "./shaped-rule.tsx";

interface ActivePointProps {
  readonly activePoint: number | null;
  readonly onActivate: (index: number | null) => void;
}

/** Above the curve: the active point's numbers, the presets, and the way back. */
export function CurveHeader({ activePoint, onActivate }: ActivePointProps) {
  const curve = useStudio((state) => shapedOf(state).curve);
  const applyPreset = useStudio((state) => state.applyPreset);
  const resetCurve = useStudio((state) => state.resetCurve);
  const locked = useStudio(isJobRunning);
  return (
    <div className="curve-header">
      <h3>
        <Word of="lambda-by-layer">λ by layer</Word>
      </h3>
      <ShapedRule />
      <ActivePoint activePoint={activePoint} onActivate={onActivate} />
      <OutsideField />
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger className="ghost" disabled={locked}>
          Presets
          <span className="segment-arrow" aria-hidden="true" />
        </DropdownMenu.Trigger>
        <DropdownMenu.Content className="menu" align="end" sideOffset={4} collisionPadding={8} loop>
          {curvePresets.map((preset) => (
            <DropdownMenu.Item
              key={preset}
              className="menu-item"
              onSelect={() => {
                applyPreset(preset);
                onActivate(null);
              }}
            >
              {preset.charAt(0).toUpperCase() + preset.slice(1)}
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Root>
      <button
        type="button"
        className="ghost"
        disabled={locked || curve === null}
        onClick={() => {
          resetCurve();
          onActivate(null);
        }}
      >
        Reset
      </button>
    </div>
  );
}

function ActivePoint({ activePoint, onActivate }: ActivePointProps) {
  const points = useStudio(shapedPointsOf);
  const scale = useStudio((state) => shapedOf(state).scale);
  const setCurve = useStudio((state) => state.setCurve);
  const locked = useStudio(isJobRunning);
  const id = useId();
  const point = activePoint === null ? undefined : points[activePoint];
  const [text, setText] = useState("");
  const factor = point?.factor;
  useEffect(() => {
    if (factor !== undefined) setText(formatScale(factor));
  }, [factor]);
  if (point === undefined || activePoint === null) {
    return <p className="curve-hint">Drag a point; a double click adds one</p>;
  }
  const parsed = parseScale(text);
  const commit = () => {
    if (parsed.ok) setCurve(movePoint(points, activePoint, { layer: point.layer, factor: parsed.scale }));
    else setText(formatScale(point.factor));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") commit();
    else if (event.key === "Escape") setText(formatScale(point.factor));
  };
  const isEnd = activePoint === 0 || activePoint === points.length - 1;
  return (
    <p className="curve-active">
      <label htmlFor={id}>Layer {point.layer}, λ ×</label>
      <input
        id={id}
        className="field"
        type="text"
        inputMode="decimal"
        autoComplete="off"
        spellCheck={false}
        disabled={locked}
        aria-invalid={!parsed.ok}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        onBlur={commit}
      />
      <span className="curve-product">= {formatScale(Number((scale * point.factor).toPrecision(4)))}</span>
      {!isEnd && (
        <button
          type="button"
          className="ghost"
          disabled={locked}
          onClick={() => {
            setCurve(removePoint(points, activePoint));
            onActivate(null);
          }}
        >
          Remove
        </button>
      )}
    </p>
  );
}
