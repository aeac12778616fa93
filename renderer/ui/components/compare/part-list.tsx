// biome-ignore-all lint/a11y/useSemanticElements: a list of a thousand parts renders what is seen of it
// biome-ignore-all lint/a11y/useFocusableInteractive: the list holds the focus and names its active option
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the list handles the keys
import { type KeyboardEvent, useEffect, useId, useRef } from "react";
import type { ComparedPart } from "../../../../src-core/statistics/comparison.ts";
import { formatCosine, formatShare } from "../../format/metric-text.ts";
import type { CompareModel } from "../../views/compare-model.ts";
import { rowAfterKey } from "../plan-grid.tsx";
import { useRowWindow } from "../use-row-window.ts";

interface PartListProps {
  readonly model: CompareModel;
  readonly selected: string | null;
  readonly onHover: (key: string | null) => void;
  readonly onSelect: (part: ComparedPart) => void;
}

/** As the stylesheet has it. */
const rowHeightPx = 24;

/** Every part by its cosine: what the points are called, and how the keyboard reaches them. */
export function PartList({ model, selected, onHover, onSelect }: PartListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const id = useId();
  const { parts } = model;
  const { first, end, pageSize, reveal } = useRowWindow(scroller, parts.length, rowHeightPx);
  const active = parts.findIndex(({ key }) => key === selected);
  useEffect(() => {
    if (active >= 0) reveal(active);
  }, [active, reveal]);
  const onKeyDown = (event: KeyboardEvent) => {
    const next = rowAfterKey(event.key, active, parts.length, pageSize);
    const part = next === null ? undefined : parts[next];
    if (part === undefined) return;
    event.preventDefault();
    onSelect(part);
  };
  return (
    <div className="part-list">
      <p className="part-list-head" aria-hidden="true">
        <span>Part</span>
        <span>cos(τ, σ)</span>
      </p>
      <div
        ref={scroller}
        className="part-list-scroller"
        role="listbox"
        aria-label="Parts by cosine"
        aria-activedescendant={active >= first && active < end ? `${id}-${active}` : undefined}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onPointerLeave={() => onHover(null)}
      >
        <div role="presentation" style={{ height: parts.length * rowHeightPx }}>
          {parts.slice(first, end).map((part, offset) => {
            const index = first + offset;
            const { key, label, cosine, shift, vector } = part;
            return (
              <div
                key={key}
                id={`${id}-${index}`}
                className="part-list-row"
                role="option"
                aria-selected={index === active}
                aria-setsize={parts.length}
                aria-posinset={index + 1}
                style={{ transform: `translateY(${index * rowHeightPx}px)` }}
                onPointerEnter={() => onHover(key)}
                onClick={() => onSelect(part)}
              >
                <span>{label}</span>
                <span>{cosine === null ? "–" : formatCosine(cosine)}</span>
                <span className="visually-hidden">
                  , σ {formatShare(shift)}, τ {formatShare(vector)}
                </span>
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}
