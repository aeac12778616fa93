import { Toggle } from "radix-ui";
import { metricKinds } from "../../../../src-core/statistics/metric.ts";
import { shownMetric } from "../../store/measured.ts";
import { useStudio } from "../../store/use-studio.tsx";
import { heatmapModelOf } from "../../views/heatmap-model.ts";
import { metricWords } from "../../words/metric-words.ts";
import { FigureMenu } from "../figure-menu.tsx";
import { WordsButton } from "../words/words-button.tsx";
import { Legend } from "./legend.tsx";
import { MetricControl } from "./metric-control.tsx";

const explained = Object.values(metricWords);

export function HeatmapToolbar() {
  return (
    <div className="heatmap-toolbar">
      <MetricControl />
      <WordsButton label="What the metrics mean" words={explained} />
      <LogToggle />
      <FigureMenu />
      <HeatmapLegend />
    </div>
  );
}

/** By itself, so that another λ does not render the controls again. */
function HeatmapLegend() {
  const { metric, domain } = useStudio(heatmapModelOf);
  return <Legend metric={metric} domain={domain} />;
}

function LogToggle() {
  const metric = useStudio(shownMetric);
  const logScale = useStudio((state) => state.logScale);
  const setLogScale = useStudio((state) => state.setLogScale);
  const diverging = metricKinds[metric].range === "diverging";
  return (
    <Toggle.Root
      className="ghost"
      disabled={diverging}
      title={diverging ? "A cosine has a sign: it has no logarithm" : "Colours on a logarithmic scale"}
      pressed={logScale && !diverging}
      onPressedChange={setLogScale}
    >
      Log
    </Toggle.Root>
  );
}
