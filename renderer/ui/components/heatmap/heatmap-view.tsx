import "./heatmap-view.css";
import { useStudio } from "../../store/use-studio.tsx";
import { HeatmapStage } from "./heatmap-stage.tsx";
import { HeatmapToolbar } from "./heatmap-toolbar.tsx";

/** Where in the network the chat vector lives, and λ shaped by it. */
export function HeatmapView() {
  const known = useStudio((state) => state.measureRows.length > 0);
  const failed = useStudio((state) => state.measureFailure !== null);
  const blocked = useStudio((state) => state.plan?.problems.some(({ severity }) => severity === "error") === true);
  if (known) {
    return (
      <div className="heatmap-view">
        <HeatmapToolbar />
        <HeatmapStage />
      </div>
    );
  }
  if (failed) return null;
  return (
    <p className="workspace-message" role="status">
      {blocked
        ? "These models make no chat vector to measure. The reason stands under them."
        : "Opening the models to measure them"}
    </p>
  );
}
