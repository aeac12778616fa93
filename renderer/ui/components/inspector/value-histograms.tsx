import type { ValueHistogram } from "../../../../electron/api/measuring.ts";
import { formatMagnitude } from "../../format/metric-text.ts";
import { roles } from "../../store/model-slot.ts";

interface ValueHistogramsProps {
  readonly histograms: readonly ValueHistogram[];
}

/** How the values of each model are spread, over one axis and as shares, so that the models can be compared. */
export function ValueHistograms({ histograms }: ValueHistogramsProps) {
  const shown = roles.flatMap((role) =>
    histograms.filter((histogram) => histogram.role === role && totalOf(histogram) > 0),
  );
  if (shown.length === 0) return null;
  const least = Math.min(...shown.map((histogram) => histogram.least));
  const most = Math.max(...shown.map(({ least, width, counts }) => least + width * counts.length));
  const highest = Math.max(...shown.map((histogram) => Math.max(...densities(histogram))));
  return (
    <figure className="value-histograms">
      <svg
        viewBox="0 0 100 1"
        preserveAspectRatio="none"
        role="img"
        aria-label={`Values of ${shown.map(({ role }) => role).join(", ")} from ${formatMagnitude(least, 3)} to ${formatMagnitude(most, 3)}`}
      >
        {shown.map((histogram) => (
          <path key={histogram.role} data-role={histogram.role} d={outline(histogram, least, most, highest)} />
        ))}
      </svg>
      <figcaption aria-hidden="true">
        <span>{formatMagnitude(least, 2)}</span>
        <span className="value-histograms-keys">
          {shown.map(({ role }) => (
            <span key={role} data-role={role}>
              {role}
            </span>
          ))}
        </span>
        <span>{formatMagnitude(most, 2)}</span>
      </figcaption>
    </figure>
  );
}

function totalOf({ counts }: ValueHistogram): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Shares for each unit of the axis: bins of different models may have different widths. */
function densities(histogram: ValueHistogram): readonly number[] {
  const total = totalOf(histogram);
  return histogram.counts.map((count) => count / total / (histogram.width || 1));
}

function outline(histogram: ValueHistogram, least: number, most: number, highest: number): string {
  const span = most - least || 1;
  const x = (value: number) => (((value - least) / span) * 100).toFixed(3);
  const steps = densities(histogram).map((density, bin) => {
    const left = histogram.least + bin * histogram.width;
    return `V${(1 - (density / highest) * 0.96).toFixed(4)}H${x(left + histogram.width)}`;
  });
  return `M${x(histogram.least)} 1${steps.join("")}V1`;
}
