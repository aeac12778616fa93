import { useMemo } from "react";
import { metricsOfCell } from "../../../../src-core/statistics/cell-values.ts";
import { formatCounted } from "../../format/format.ts";
import { formatMetric, metricTexts } from "../../format/metric-text.ts";
import { tellingParts } from "../../format/names.ts";
import { globsOfTensors } from "../../shape/row-globs.ts";
import { isJobRunning } from "../../store/job-phase.ts";
import { scaledTensorsOf, shownMetric, shownVectorOf } from "../../store/measured.ts";
import type { SelectedCell } from "../../store/studio-state.ts";
import { useStudio } from "../../store/use-studio.tsx";
import { tensorFacts } from "../../views/tensor-facts.ts";
import { CloseIcon } from "../icons.tsx";
import { ChangeHistogram } from "./change-histogram.tsx";
import { InspectorWords } from "./inspector-words.tsx";
import { MeasuredFacts } from "./measured-facts.tsx";
import { useMeasured } from "./use-measured.ts";

/** Several tensors that a cell takes together: their numbers as of one long tensor, and the way to each. */
export function CellInspector({ cell }: { readonly cell: SelectedCell }) {
  const selectTensor = useStudio((state) => state.selectTensor);
  const measured = useMeasured(cell.tensors);
  return (
    <>
      <div className="inspector-head">
        <h2>{formatCounted(cell.tensors.length, "tensor")} together</h2>
        <InspectorWords />
        <button type="button" className="icon-button" aria-label="Close" onClick={() => selectTensor(null)}>
          <CloseIcon />
        </button>
      </div>
      <h3 className="inspector-cell">{cell.label}</h3>
      <MeasuredFacts facts={measured.metrics === null ? null : tensorFacts(measured.metrics, measured.scale)} />
      <ChangeHistogram names={cell.tensors} />
      <Members cell={cell} indices={measured.indices} />
      <SetScale cell={cell} />
    </>
  );
}

function Members({ cell, indices }: { readonly cell: SelectedCell; readonly indices: readonly number[] }) {
  const metric = useStudio(shownMetric);
  const tensors = useStudio(scaledTensorsOf);
  const vector = useStudio(shownVectorOf);
  const selectTensor = useStudio((state) => state.selectTensor);
  const labels = useMemo(() => tellingParts(cell.tensors), [cell.tensors]);
  return (
    <>
      <h2>{metricTexts[metric].name} of each</h2>
      <ul className="cell-members">
        {cell.tensors.map((name, at) => {
          const metrics = metricsOfCell([indices[at] ?? -1], tensors, vector);
          return (
            <li key={name}>
              <button type="button" title={name} onClick={() => selectTensor(name)}>
                <span className="mono">{labels[at]}</span>
                <span>{metrics === null ? "" : formatMetric(metric, metrics[metric])}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </>
  );
}

function SetScale({ cell }: { readonly cell: SelectedCell }) {
  const rows = useStudio((state) => state.measureRows);
  const addRules = useStudio((state) => state.addRules);
  const showView = useStudio((state) => state.showView);
  const locked = useStudio(isJobRunning);
  const setScale = () => {
    showView("heatmap");
    const globs = globsOfTensors(
      cell.tensors,
      rows.map(({ name }) => name),
    );
    addRules(globs);
  };
  return (
    <button type="button" className="button" disabled={locked} onClick={setScale}>
      Set λ of these…
    </button>
  );
}
