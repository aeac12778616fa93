import { Toggle } from "radix-ui";
import { metricKinds } from "../../../../src-core/statistics/metric.ts";
import { shownMetric } from "../../store/measured.ts";
import { useStudio } from "../../store/use-studio.tsx";
import { heatmapModelOf } from "../../views/heatmap-model.ts";
import { FigureMenu } from "../figure-menu.tsx";
import { Legend } from "./legend.tsx";
import { MetricControl } from "./metric-control.tsx";

export function HeatmapToolbar() {
  const model = useStudio(heatmapModelOf);
  return (
    <div className="heatmap-toolbar">
      <MetricControl />
      <LogToggle />
      <FigureMenu />
      <Legend metric={model.metric} domain={model.domain} />
    </div>
  );
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
