// biome-ignore-all lint/a11y/useSemanticElements: a point moves in two directions, which no input does
import "./curve.css";
import { type MouseEvent, memo, useRef, useState } from "react";
import { areaPath, linePath, round, type ValueAxis, yOf } from "../../figures/chart.ts";
import { type DepthAxis, layerAt, layerCentre } from "../../figures/depth-axis.ts";
import { formatScale, formatSingleScale } from "../../format/format.ts";
import { shapedPointsOf } from "../../shape/curve-points.ts";
import { type CurvePoint, sampleCurve, setPoint } from "../../shape/layer-curve.ts";
import { isJobRunning } from "../../store/job-phase.ts";
import { shapedOf, shapedRuleOf } from "../../store/shaped.ts";
import { useStudio } from "../../store/use-studio.tsx";
import { curveAxis, factorAtY } from "./curve-axis.ts";
import { CurvePointHandle } from "./curve-point.tsx";

interface CurveEditorProps {
  readonly axis: DepthAxis;
  readonly height: number;
  readonly layer: number | null;
  /** Index of the point whose numbers stand above the curve. */
  readonly activePoint: number | null;
  readonly onActivate: (index: number | null) => void;
}

/** Above the plot, so that a point at the top edge is whole and can be pulled further. */
const margin = 12;

/** λ by layer: points that can be dragged, moved by keys, added with a double click and taken away. */
export const CurveEditor = memo(function CurveEditor({
  axis,
  height,
  layer,
  activePoint,
  onActivate,
}: CurveEditorProps) {
  const svg = useRef<SVGSVGElement>(null);
  const setCurve = useStudio((state) => state.setCurve);
  const locked = useStudio(isJobRunning);
  const points = useStudio(shapedPointsOf);
  const rule = useStudio((state) => shapedRuleOf(state)?.tensors ?? null);
  // The axis stands still while a point is dragged, and fits what was set afterwards.
  const [frozen, setFrozen] = useState<ValueAxis | null>(null);
  const values = frozen ?? curveAxis(points, height);
  const factors = sampleCurve(points, axis.layerCount);

  const pointAt = (clientX: number, clientY: number): CurvePoint => {
    const box = svg.current?.getBoundingClientRect();
    const x = clientX - (box?.left ?? 0);
    const y = clientY - (box?.top ?? 0) - margin;
    return { layer: layerAt(axis, x), factor: factorAtY(values, y) };
  };
  const onDoubleClick = (event: MouseEvent) => {
    if (locked) return;
    const point = pointAt(event.clientX, event.clientY);
    const added = setPoint(points, point);
    setCurve(added);
    onActivate(added.findIndex((each) => each.layer === point.layer));
  };

  return (
    <div className="curve-plot">
      <svg
        ref={svg}
        className="chart curve-editor"
        role="group"
        aria-label={rule === null ? "λ by layer" : `λ by layer of the rule for ${rule}`}
        data-of-rule={rule !== null || undefined}
        width={axis.width}
        height={height + 2 * margin}
      >
        <g transform={`translate(0 ${margin})`}>
          {[values.top, (values.top + values.bottom) / 2, values.bottom].map((value) => (
            <line
              key={value}
              className="chart-rule"
              x1={axis.start}
              x2={axis.end}
              y1={yOf(values, value)}
              y2={yOf(values, value)}
            />
          ))}
          <path className="curve-area" d={areaPath(axis, values, factors)} />
          <path className="curve-line" d={linePath(axis, values, factors)} />
          {/* biome-ignore lint/a11y/noStaticElementInteractions: the points' Enter key adds as well */}
          <rect
            className="curve-surface"
            x={axis.start}
            y={-margin}
            width={Math.max(axis.end - axis.start, 0)}
            height={height + 2 * margin}
            onDoubleClick={onDoubleClick}
          />
          {layer !== null && (
            <line
              className="chart-guide"
              x1={layerCentre(axis, layer)}
              x2={layerCentre(axis, layer)}
              y1={-margin}
              y2={height}
            />
          )}
          {points.map((point, index) => (
            <CurvePointHandle
              // biome-ignore lint/suspicious/noArrayIndexKey: a point that is dragged to another layer stays the same point
              key={index}
              points={points}
              index={index}
              x={round(layerCentre(axis, point.layer))}
              y={round(yOf(values, point.factor))}
              active={index === activePoint}
              locked={locked}
              pointAt={pointAt}
              onActivate={onActivate}
              onDragging={(dragging) => setFrozen(dragging ? values : null)}
            />
          ))}
        </g>
      </svg>
      <CurveLabels axis={axis} values={values} last={factors.at(-1) ?? 1} />
    </div>
  );
});

interface CurveLabelsProps {
  readonly axis: DepthAxis;
  readonly values: ValueAxis;
  /** The factor at the last layer. */
  readonly last: number;
}

/** λ at the axis's ends and at the last layer. Apart from the curve, which another λ does not draw again. */
function CurveLabels({ axis, values, last }: CurveLabelsProps) {
  const scale = useStudio((state) => shapedOf(state).scale);
  return (
    <svg className="chart curve-labels" width={axis.width} height={values.height + 2 * margin} aria-hidden="true">
      <g transform={`translate(0 ${margin})`}>
        {[values.top, values.bottom].map((value) => (
          <text key={value} x={axis.labelWidth - 8} y={yOf(values, value) + 4} textAnchor="end">
            {value === 0 ? "0" : formatSingleScale(scale * value)}
          </text>
        ))}
        <text x={axis.end + 8} y={yOf(values, last) + 4}>
          {formatScale(Number((scale * last).toPrecision(4)))}
        </text>
      </g>
    </svg>
  );
}
