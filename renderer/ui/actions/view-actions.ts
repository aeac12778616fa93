import { metricKeys, metricKinds } from "../../../src-core/statistics/metric.ts";
import { metricTexts } from "../format/metric-text.ts";
import { hasTarget, shownMetric } from "../store/measured.ts";
import type { StudioState, View } from "../store/studio-state.ts";
import type { Action } from "./action.ts";

const views: readonly { readonly view: View; readonly name: string }[] = [
  { view: "heatmap", name: "Heatmap" },
  { view: "compare", name: "Compare" },
  { view: "plan", name: "Plan" },
];
const hasStatistics = ({ statistics }: StudioState) => statistics.some((ofTensor) => ofTensor !== null);

/** What is shown, and how. */
export const viewActions: readonly Action[] = [
  {
    id: "commands",
    label: "Commands…",
    menu: "view",
    group: 0,
    shortcuts: ["Mod+K"],
    words: "palette search actions",
    run: (state) => state.showPanel("commands"),
  },
  ...views.map(
    ({ view, name }, index): Action => ({
      id: `view-${view}`,
      label: name,
      menu: "view",
      group: 1,
      shortcuts: [`Mod+${index + 1}`],
      words: "show view",
      enabled: (state) => view === "heatmap" || state.target.model !== null,
      checked: (state) => state.view === view,
      run: (state) => state.showView(view),
    }),
  ),
  ...metricKeys.map(
    (metric): Action => ({
      id: `metric-${metric}`,
      label: `Metric: ${metricTexts[metric].name}`,
      menu: null,
      group: 2,
      words: `show heatmap ${metricTexts[metric].formula}`,
      enabled: (state) => hasTarget(state) || !metricKinds[metric].needsTarget,
      checked: (state) => shownMetric(state) === metric,
      run: (state) => state.chooseMetric(metric),
    }),
  ),
  {
    id: "log-scale",
    label: "Logarithmic colours",
    menu: "view",
    group: 2,
    words: "log scale heatmap",
    checked: (state) => state.logScale,
    run: (state) => state.setLogScale(!state.logScale),
  },
  ...(["system", "dark", "light"] as const).map(
    (appearance): Action => ({
      id: `appearance-${appearance}`,
      label: appearance === "system" ? "Appearance as the system’s" : `Appearance ${appearance}`,
      menu: "view",
      group: 4,
      words: "theme colours settings",
      checked: ({ settings }) => settings?.appearance === appearance,
      run: (state) => state.changeSettings({ appearance }),
    }),
  ),
  ...(["svg", "png", "csv"] as const).map(
    (type): Action => ({
      id: `save-figure-${type}`,
      label: `Save figure as ${type.toUpperCase()}…`,
      menu: "view",
      group: 3,
      words: "export picture table",
      enabled: (state) => hasStatistics(state) && !state.savingFigure,
      run: (state) => state.saveFigure(type),
    }),
  ),
];
