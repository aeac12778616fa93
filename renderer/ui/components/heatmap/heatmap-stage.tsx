import { type CSSProperties, useEffect, useMemo, useRef, useState } from "react";
import type { VisibleRow } from "../../../../src-core/statistics/heatmap-layout.ts";
import { depthAxis, layerCentre, layerTicks } from "../../figures/depth-axis.ts";
import { heatmapGeometry } from "../../figures/heatmap-geometry.ts";
import { layoutOf, rowIndexOf } from "../../store/measured.ts";
import { shapedRuleOf } from "../../store/shaped.ts";
import { useStudio } from "../../store/use-studio.tsx";
import { selectedVectorOf } from "../../store/vectors.ts";
import { heatmapModelOf, visibleRowsOf } from "../../views/heatmap-model.ts";
import { CurveEditor } from "../shape/curve-editor.tsx";
import { CurveHeader } from "../shape/curve-header.tsx";
import { RulesList } from "../shape/rules-list.tsx";
import { useElementSize } from "../use-element-size.ts";
import { HeatmapGrid } from "./heatmap-grid.tsx";
import { OtherTensors } from "./other-tensors.tsx";
import { ProfileChart } from "./profile-chart.tsx";
import { RowLabels } from "./row-labels.tsx";
import { stageLayout } from "./stage-layout.ts";

/** For the names at the ends of the profile's lines. */
const endWidth = 56;
/** What rules take below the curve; more than four scroll. */
const rulesHeight = (count: number) => 42 + 32 * Math.min(count, 4);

/** Heatmap, profile and λ curve over one depth axis, and the rules below. */
export function HeatmapStage() {
  const stage = useRef<HTMLDivElement>(null);
  const { width, height } = useElementSize(stage);
  const layout = useStudio(layoutOf);
  const rows = useStudio(visibleRowsOf);
  const ruleCount = useStudio((state) => selectedVectorOf(state).rules.length);
  const layer = useSelectedLayer();
  const [activePoint, setActivePoint] = useState<number | null>(null);
  const shapedRule = useStudio((state) => shapedRuleOf(state)?.id ?? null);
  // Points of another curve.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is what the points belong to
  useEffect(() => setActivePoint(null), [shapedRule]);

  const groups = useMemo(() => rows.map(({ row }) => row.group), [rows]);
  const labelWidth = useMemo(() => labelWidthOf(rows), [rows]);
  const axis = useMemo(
    () =>
      depthAxis({
        width: Math.max(Math.floor(width), 320),
        layerCount: layout.layerCount,
        beforeCount: layout.before.length,
        afterCount: layout.after.length,
        labelWidth,
        endWidth,
      }),
    [width, layout, labelWidth],
  );
  const heights = useMemo(() => stageLayout(height - rulesHeight(ruleCount), groups), [height, ruleCount, groups]);
  const geometry = useMemo(() => heatmapGeometry(axis, groups, heights.rowHeight), [axis, groups, heights.rowHeight]);

  // What stands above and below the charts keeps to their columns.
  const columns =
    layout.layerCount === 0
      ? undefined
      : ({ "--stage-labels": `${labelWidth - 8}px`, "--stage-start": `${axis.start}px` } as CSSProperties);

  return (
    <div ref={stage} className="heatmap-stage" style={columns}>
      {width > 0 && layout.layerCount > 0 && (
        <>
          <p className="layer-ticks" aria-hidden="true">
            {layerTicks(axis).map((tick, index, { length }) => (
              <span
                key={tick}
                data-end={index === 0 ? "first" : index === length - 1 ? "last" : undefined}
                style={{
                  left: index === 0 ? axis.start : index === length - 1 ? axis.end : layerCentre(axis, tick),
                }}
              >
                {index === 0 ? `layer ${tick}` : tick}
              </span>
            ))}
          </p>
          <div
            className="heatmap-viewport"
            data-scrolls={geometry.height > heights.heatmapHeight || undefined}
            style={{ height: heights.heatmapHeight }}
          >
            <Heatmap geometry={geometry} />
          </div>
          <h3 className="profile-title">Profile</h3>
          <ProfileChart axis={axis} height={heights.profileHeight} layer={layer} />
          <CurveHeader activePoint={activePoint} onActivate={setActivePoint} />
          <CurveEditor
            axis={axis}
            height={heights.curveHeight}
            layer={layer}
            activePoint={activePoint}
            onActivate={setActivePoint}
          />
          <RulesList />
        </>
      )}
      <OtherTensors />
      {layout.layerCount === 0 && <RulesList />}
    </div>
  );
}

/** For the longest label with what stands beside it, by Inter's mean character at the labels' size. */
function labelWidthOf(rows: readonly VisibleRow[]): number {
  const widths = rows.map(({ row: { label, expertCount, children } }) => {
    const count = expertCount > 0 ? 12 + 7 * String(expertCount).length : 0;
    return 5.9 * label.length + count + (children.length > 0 ? 22 : 0) + 14;
  });
  return Math.round(Math.min(Math.max(...widths, 84), 140));
}

function Heatmap({ geometry }: { readonly geometry: ReturnType<typeof heatmapGeometry> }) {
  const model = useStudio(heatmapModelOf);
  // For the moment between another model's rows and the geometry made for them.
  if (model.rows.length !== geometry.rowTops.length) return null;
  return (
    <>
      <RowLabels rows={model.rows} geometry={geometry} />
      <HeatmapGrid model={model} geometry={geometry} />
    </>
  );
}

/** The layer of what is selected. */
function useSelectedLayer(): number | null {
  return useStudio((state) => {
    if (state.selectedCell !== null) return state.selectedCell.layer;
    if (state.selectedTensor === null) return null;
    return state.measureRows[rowIndexOf(state).get(state.selectedTensor) ?? -1]?.layer ?? null;
  });
}
