import { DropdownMenu, ToggleGroup } from "radix-ui";
import { type MetricKey, metricKeys, metricKinds } from "../../../../src-core/statistics/metric.ts";
import { metricTexts } from "../../format/metric-text.ts";
import { hasTarget, shownMetric } from "../../store/measured.ts";
import { useStudio } from "../../store/use-studio.tsx";

/** Asked for most; the others are under More. */
const first: readonly MetricKey[] = ["relative", "cosine", "mergedShiftRelative"];
const more = metricKeys.filter((metric) => !first.includes(metric));
const needsTarget = "Needs a target model";

/** Which number the heatmap and the profile show. */
export function MetricControl() {
  const metric = useStudio(shownMetric);
  const target = useStudio(hasTarget);
  const chooseMetric = useStudio((state) => state.chooseMetric);
  const isMissing = (key: MetricKey) => metricKinds[key].needsTarget && !target;
  const choose = (value: string) => {
    const key = metricKeys.find((candidate) => candidate === value);
    if (key !== undefined) chooseMetric(key);
  };
  return (
    <div className="segments metric-control">
      <ToggleGroup.Root
        className="metric-segments"
        type="single"
        aria-label="Metric"
        value={metric}
        onValueChange={choose}
      >
        {first.map((key) => (
          <ToggleGroup.Item
            key={key}
            className="segment"
            value={key}
            disabled={isMissing(key)}
            title={isMissing(key) ? needsTarget : metricTexts[key].formula}
          >
            {metricTexts[key].name}
          </ToggleGroup.Item>
        ))}
      </ToggleGroup.Root>
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger
          className="segment"
          data-chosen={more.includes(metric) || undefined}
          aria-label="More metrics"
        >
          {more.includes(metric) ? metricTexts[metric].name : "More"}
          <span className="segment-arrow" aria-hidden="true" />
        </DropdownMenu.Trigger>
        <DropdownMenu.Content className="menu" align="start" sideOffset={4} collisionPadding={8} loop>
          <DropdownMenu.RadioGroup value={metric} onValueChange={choose}>
            {more.map((key) => (
              <DropdownMenu.RadioItem key={key} className="menu-item menu-choice" value={key} disabled={isMissing(key)}>
                <span>{metricTexts[key].name}</span>
                <span className="menu-hint">
                  {isMissing(key) ? needsTarget.toLowerCase() : metricTexts[key].formula}
                </span>
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
        </DropdownMenu.Content>
      </DropdownMenu.Root>
    </div>
  );
}
