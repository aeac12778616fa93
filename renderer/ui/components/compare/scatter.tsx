import { memo, type PointerEvent, useMemo, useRef } from "react";
import { domainPosition } from "../../../../src-core/statistics/colour-domain.ts";
import type { ComparedPart } from "../../../../src-core/statistics/comparison.ts";
import { colourAt, type Theme } from "../../figures/colour-scales.ts";
import { axisPlace, pointAt, type ScatterGeometry, scatterGeometry } from "../../figures/scatter-geometry.ts";
import { formatParameters } from "../../format/format.ts";
import { formatCosine, formatShare, formatTick } from "../../format/metric-text.ts";
import { useStudio } from "../../store/use-studio.tsx";
import type { CompareModel } from "../../views/compare-model.ts";
import { useElementSize } from "../use-element-size.ts";
import { useTheme } from "../use-theme.ts";

interface ScatterProps {
  readonly model: CompareModel;
  /** Keys of parts. */
  readonly selected: string | null;
  readonly hovered: string | null;
  readonly onHover: (key: string | null) => void;
  readonly onSelect: (part: ComparedPart) => void;
}

/** Around the plot, for ticks and the axes' names. */
const margins = { left: 44, right: 14, top: 28, bottom: 40 };

/** ‖σ‖ against ‖τ‖, both relative to ‖base‖: colour says how they pull, size how many parameters. */
export function Scatter({ model, selected, hovered, onHover, onSelect }: ScatterProps) {
  const box = useRef<HTMLDivElement>(null);
  const size = useElementSize(box);
  const theme = useTheme();
  const logScale = useStudio((state) => state.logScale);
  const width = Math.max(size.width - margins.left - margins.right, 80);
  const height = Math.max(size.height - margins.top - margins.bottom, 80);
  const geometry = useMemo(() => scatterGeometry(model, width, height, logScale), [model, width, height, logScale]);
  const under = (event: PointerEvent): ComparedPart | null => {
    const bounds = event.currentTarget.getBoundingClientRect();
    const x = event.clientX - bounds.left - margins.left;
    const y = event.clientY - bounds.top - margins.top;
    const index = pointAt(geometry, x, y);
    return index === null ? null : (model.parts[index] ?? null);
  };
  return (
    <div ref={box} className="scatter">
      {size.width > 0 && (
        <svg
          className="chart"
          width={size.width}
          height={size.height}
          role="img"
          aria-label={`${model.parts.length} parts by how far σ and τ moved them; the list beside names each`}
          onPointerMove={(event) => onHover(under(event)?.key ?? null)}
          onPointerLeave={() => onHover(null)}
          onPointerDown={(event) => {
            const part = under(event);
            if (part !== null) onSelect(part);
          }}
        >
          <g transform={`translate(${margins.left} ${margins.top})`}>
            <Axes geometry={geometry} />
            <Points model={model} geometry={geometry} theme={theme} />
            <Ring model={model} geometry={geometry} part={selected} kind="selected" />
            <Ring model={model} geometry={geometry} part={hovered} kind="hovered" />
          </g>
        </svg>
      )}
      {hovered !== null && <PointTooltip model={model} geometry={geometry} part={hovered} />}
    </div>
  );
}

function Axes({ geometry: { width, height, x, y } }: { readonly geometry: ScatterGeometry }) {
  return (
    <>
      {y.ticks.map((tick) => {
        const at = height - axisPlace(y, tick) * height;
        return (
          <g key={tick}>
            <line className="chart-rule" x1={0} x2={width} y1={at} y2={at} />
            <text x={-8} y={at + 4} textAnchor="end">
              {formatTick("relative", tick)}
            </text>
          </g>
        );
      })}
      {x.ticks.map((tick, index) => {
        const at = axisPlace(x, tick) * width;
        return (
          <g key={tick}>
            <line className="chart-rule" x1={at} x2={at} y1={0} y2={height} />
            <text x={at} y={height + 16} textAnchor={index === x.ticks.length - 1 ? "end" : "middle"}>
              {formatTick("relative", tick)}
            </text>
          </g>
        );
      })}
      <text className="chart-title" x={width} y={height + 34} textAnchor="end">
        target shift, ‖σ‖ / ‖base‖
      </text>
      <text className="chart-title" x={-margins.left} y={-14}>
        chat vector, ‖τ‖ / ‖base‖
      </text>
    </>
  );
}

interface PointsProps {
  readonly model: CompareModel;
  readonly geometry: ScatterGeometry;
  readonly theme: Theme;
}

/** Large ones first, so that small ones lie on top. */
const Points = memo(function Points({ model, geometry, theme }: PointsProps) {
  const order = model.parts.map((part, index) => ({ part, index }));
  order.sort((a, b) => b.part.elementCount - a.part.elementCount);
  return order.map(({ part, index }) => {
    const point = geometry.points[index];
    if (point === undefined) return null;
    return (
      <circle
        key={part.key}
        className="scatter-point"
        cx={point.x}
        cy={point.y}
        r={point.radius}
        fill={colourOf(part, model, theme)}
      />
    );
  });
});

function colourOf({ cosine }: ComparedPart, { domain }: CompareModel, theme: Theme): string {
  return colourAt("diverging", theme, domain === null || cosine === null ? 0.5 : domainPosition(domain, cosine));
}

interface PartProps {
  readonly model: CompareModel;
  readonly geometry: ScatterGeometry;
  readonly part: string | null;
}

function Ring({ model, geometry, part, kind }: PartProps & { readonly kind: "selected" | "hovered" }) {
  const point = geometry.points[model.parts.findIndex(({ key }) => key === part)];
  if (point === undefined) return null;
  return <circle className="scatter-ring" data-kind={kind} cx={point.x} cy={point.y} r={point.radius + 2.5} />;
}

function PointTooltip({ model, geometry, part }: PartProps) {
  const index = model.parts.findIndex(({ key }) => key === part);
  const point = geometry.points[index];
  const found = model.parts[index];
  if (point === undefined || found === undefined) return null;
  const isLeft = point.x > geometry.width / 2;
  const x = margins.left + point.x + (isLeft ? -14 - 186 : 14);
  const y = Math.min(margins.top + point.y - 10, margins.top + geometry.height - 80);
  return (
    <div
      className="cell-tooltip"
      aria-hidden="true"
      style={{ transform: `translate(${Math.round(x)}px, ${Math.round(y)}px)` }}
    >
      <p className="cell-tooltip-place">{found.label}</p>
      <p className="cell-tooltip-value">
        <span>cos(τ, σ)</span>
        <span>{found.cosine === null ? "–" : formatCosine(found.cosine)}</span>
      </p>
      <p className="cell-tooltip-fact">
        <span>‖σ‖ / ‖base‖</span>
        <span>{formatShare(found.shift)}</span>
      </p>
      <p className="cell-tooltip-fact">
        <span>‖τ‖ / ‖base‖</span>
        <span>{formatShare(found.vector)}</span>
      </p>
      <p className="cell-tooltip-fact">
        <span>parameters</span>
        <span>{formatParameters(found.elementCount)}</span>
      </p>
    </div>
  );
}
