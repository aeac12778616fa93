import { memo } from "react";
import { linePath, round, yOf } from "../../figures/chart.ts";
import { type DepthAxis, layerCentre } from "../../figures/depth-axis.ts";
import { endLabels, profileAxis } from "../../figures/profile-lines.ts";
import { formatTick, metricTexts } from "../../format/metric-text.ts";
import { useStudio } from "../../store/use-studio.tsx";
import { type ProfileModel, profileModelOf } from "../../views/profile-model.ts";

interface ProfileChartProps {
  readonly axis: DepthAxis;
  readonly height: number;
  /** Marked by a dashed line. */
  readonly layer: number | null;
}

/** The metric over the depth, by family of modules, on the heatmap's own axis. */
export const ProfileChart = memo(function ProfileChart({ axis, height, layer }: ProfileChartProps) {
  const model = useStudio(profileModelOf);
  const scale = profileAxis(model, height);
  const middle = (scale.top + scale.bottom) / 2;
  const ends = endLabels(model, scale);
  return (
    <svg
      className="chart profile-chart"
      width={axis.width}
      height={height + 8}
      role="img"
      aria-label={describeProfile(model)}
    >
      {[scale.top, middle, scale.bottom].map((value) => (
        <line
          key={value}
          className="chart-rule"
          x1={axis.start}
          x2={axis.end}
          y1={round(yOf(scale, value)) + 4}
          y2={round(yOf(scale, value)) + 4}
        />
      ))}
      {[scale.top, ...(model.evenAboutZero ? [0] : []), scale.bottom].map((value) => (
        <text key={value} x={axis.labelWidth - 8} y={yOf(scale, value) + 8} textAnchor="end">
          {formatTick(model.metric, value)}
        </text>
      ))}
      <g transform="translate(0 4)">
        {model.lines.map(({ group, values }) => (
          <path key={group} className="profile-line" data-group={group} d={linePath(axis, scale, values)} />
        ))}
      </g>
      {ends.map(({ group, y }) => (
        <text key={group} className="profile-name" data-group={group} x={axis.end + 8} y={y + 8}>
          {group}
        </text>
      ))}
      {layer !== null && (
        <line
          className="chart-guide"
          x1={layerCentre(axis, layer)}
          x2={layerCentre(axis, layer)}
          y1={0}
          y2={height + 8}
        />
      )}
    </svg>
  );
});

/** Said in place of the picture: where each line is highest. */
function describeProfile({ metric, lines }: ProfileModel): string {
  const peaks = lines.flatMap(({ group, values }) => {
    const known = values.map((value, layer) => ({ value, layer })).filter(({ value }) => value !== null);
    const [peak] = known.sort((a, b) => Math.abs(b.value ?? 0) - Math.abs(a.value ?? 0));
    return peak === undefined ? [] : [`${group} strongest at layer ${peak.layer}`];
  });
  return `${metricTexts[metric].name} over the depth: ${peaks.join(", ") || "not measured yet"}`;
}
