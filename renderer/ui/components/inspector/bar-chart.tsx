interface BarChartProps {
  /** From 0 to 1. */
  readonly heights: readonly number[];
  readonly label: string;
  readonly kind: "accent" | "quiet";
  /** Below the chart, evenly spread from its left edge to its right one. */
  readonly ticks: readonly string[];
}

/** Bars side by side over the whole width; one path, however many. */
export function BarChart({ heights, label, kind, ticks }: BarChartProps) {
  const bars = heights
    .map((height, index) => (height <= 0 ? "" : `M${index + 0.1} 1V${(1 - height).toFixed(4)}H${index + 0.9}V1Z`))
    .join("");
  return (
    <figure className="bar-chart" data-kind={kind}>
      <svg viewBox={`0 0 ${Math.max(heights.length, 1)} 1`} preserveAspectRatio="none" role="img" aria-label={label}>
        <path d={bars} />
      </svg>
      <figcaption aria-hidden="true">
        {ticks.map((tick) => (
          <span key={tick}>{tick}</span>
        ))}
      </figcaption>
    </figure>
  );
}
