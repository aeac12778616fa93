// biome-ignore-all lint/a11y/useSemanticElements: a point moves in two directions, which no input does
import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import { flushSync } from "react-dom";
import { formatScale } from "../../format/format.ts";
import {
  type CurvePoint,
  layerForNewPoint,
  movePoint,
  removePoint,
  sampleCurve,
  setPoint,
} from "../../shape/layer-curve.ts";
import { layerCountOf } from "../../store/measured.ts";
import { shapedOf } from "../../store/shaped.ts";
import { useStudio, useStudioStore } from "../../store/use-studio.tsx";

interface CurvePointHandleProps {
  readonly points: readonly CurvePoint[];
  readonly index: number;
  readonly x: number;
  readonly y: number;
  readonly active: boolean;
  readonly locked: boolean;
  /** The place on the plot under the pointer. */
  readonly pointAt: (clientX: number, clientY: number) => CurvePoint;
  readonly onActivate: (index: number | null) => void;
  readonly onDragging: (dragging: boolean) => void;
}

/** What an arrow key adds to a factor; a tenth of it with Shift. */
const keyStep = 0.05;

/** One point of the curve. Arrows move it, Enter adds one beside it, Delete takes it away. */
export function CurvePointHandle({
  points,
  index,
  x,
  y,
  active,
  locked,
  pointAt,
  onActivate,
  onDragging,
}: CurvePointHandleProps) {
  const store = useStudioStore();
  const scale = useStudio((state) => shapedOf(state).scale);
  const setCurve = useStudio((state) => state.setCurve);
  const handle = useRef<SVGCircleElement>(null);
  const dragged = useRef<readonly CurvePoint[] | null>(null);
  const point = points[index];
  if (point === undefined) return null;

  const change = (changed: readonly CurvePoint[], at = index) => {
    const svg = handle.current?.ownerSVGElement;
    flushSync(() => {
      setCurve(changed);
      onActivate(at);
    });
    // The point of another layer is another element: the focus goes along, before the next key.
    svg?.querySelectorAll<SVGElement>("[role='slider']")[at]?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const moved = locked ? null : changeByKey(event, points, index, layerCountOf(store.getState()));
    if (moved === null) return;
    event.preventDefault();
    change(moved.points, moved.index);
  };
  const onPointerDown = (event: PointerEvent) => {
    if (locked || event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    dragged.current = points;
    onActivate(index);
    onDragging(true);
  };
  const onPointerMove = (event: PointerEvent) => {
    if (dragged.current === null) return;
    setCurve(movePoint(dragged.current, index, pointAt(event.clientX, event.clientY)));
  };
  const endDrag = () => {
    if (dragged.current === null) return;
    dragged.current = null;
    onDragging(false);
  };

  return (
    <circle
      ref={handle}
      className="curve-point"
      data-active={active || undefined}
      cx={x}
      cy={y}
      r={5.5}
      role="slider"
      tabIndex={0}
      aria-label={`λ at layer ${point.layer}`}
      aria-valuenow={point.factor}
      aria-valuemin={Math.min(0, point.factor)}
      aria-valuemax={Math.max(1, point.factor)}
      aria-valuetext={`${formatScale(point.factor)} times λ, ${formatScale(Number((scale * point.factor).toPrecision(4)))}`}
      aria-orientation="vertical"
      aria-disabled={locked || undefined}
      onKeyDown={onKeyDown}
      onFocus={() => onActivate(index)}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={endDrag}
      onPointerCancel={endDrag}
      onLostPointerCapture={endDrag}
    />
  );
}

interface Moved {
  readonly points: readonly CurvePoint[];
  readonly index: number;
}

/** What a key does to a point; null for keys that do nothing. */
export function changeByKey(
  { key, shiftKey }: Pick<KeyboardEvent, "key" | "shiftKey">,
  points: readonly CurvePoint[],
  index: number,
  layerCount: number,
): Moved | null {
  const point = points[index];
  if (point === undefined) return null;
  const step = shiftKey ? keyStep / 10 : keyStep;
  const by = (layers: number, factor: number): Moved => ({
    points: movePoint(points, index, {
      layer: point.layer + layers,
      factor: Number((point.factor + factor).toFixed(6)),
    }),
    index,
  });
  switch (key) {
    case "ArrowUp":
      return by(0, step);
    case "ArrowDown":
      return by(0, -step);
    case "ArrowRight":
      return by(1, 0);
    case "ArrowLeft":
      return by(-1, 0);
    case "Delete":
    case "Backspace":
      return { points: removePoint(points, index), index: index > 0 && index < points.length - 1 ? index - 1 : index };
    case "Enter": {
      const layer = layerForNewPoint(points, index);
      if (layer === null) return { points, index };
      const added = setPoint(points, { layer, factor: sampleCurve(points, layerCount)[layer] ?? 1 });
      return { points: added, index: added.findIndex((each) => each.layer === layer) };
    }
    default:
      return null;
  }
}
