import { Fragment, useMemo } from "react";
import { formatBytes, formatDtype, formatShape } from "../../format/format.ts";
import { isJobRunning } from "../../store/job-phase.ts";
import { rowIndexOf } from "../../store/measured.ts";
import { useStudio } from "../../store/use-studio.tsx";
import { tensorFacts } from "../../views/tensor-facts.ts";
import { CloseIcon } from "../icons.tsx";
import { actionWords, dtypeChange } from "../plan-grid-row.tsx";
import { ChangeHistogram } from "./change-histogram.tsx";
import { InspectorWords } from "./inspector-words.tsx";
import { MeasuredFacts } from "./measured-facts.tsx";
import { NonFiniteNote } from "./non-finite-note.tsx";
import { RowNorms } from "./row-norms.tsx";
import { useMeasured } from "./use-measured.ts";
import { ValueHistograms } from "./value-histograms.tsx";
import { ValuesPeek } from "./values-peek.tsx";

export function TensorInspector({ name }: { readonly name: string }) {
  const selectTensor = useStudio((state) => state.selectTensor);
  const names = useMemo(() => [name], [name]);
  return (
    <>
      <div className="inspector-head">
        <h2>Tensor</h2>
        <InspectorWords />
        <button type="button" className="icon-button" aria-label="Close tensor" onClick={() => selectTensor(null)}>
          <CloseIcon />
        </button>
      </div>
      <h3 className="inspector-name mono">
        {name.split(/(?<=\.)/).map((part, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a name have no identity but their place
          <Fragment key={index}>
            {part}
            <wbr />
          </Fragment>
        ))}
      </h3>
      <Shape name={name} />
      <NonFiniteNote name={name} />
      <Facts names={names} />
      <ChangeHistogram names={names} />
      <RowNorms name={name} />
      <ValuesPeek name={name} />
      <ValueSpread name={name} />
      <Treatment name={name} />
    </>
  );
}

/** By itself: of a tensor's inspector only these follow λ. */
function Facts({ names }: { readonly names: readonly string[] }) {
  const { indices, metrics, scale } = useMeasured(names);
  if (indices.length === 0) return null;
  return <MeasuredFacts facts={metrics === null ? null : tensorFacts(metrics, scale)} />;
}

function Shape({ name }: { readonly name: string }) {
  const row = useStudio((state) => state.plan?.rows.find((candidate) => candidate.name === name));
  const measured = useStudio((state) => state.measureRows[rowIndexOf(state).get(name) ?? -1]);
  const text =
    row !== undefined
      ? `${formatShape(row.shape)}, ${dtypeChange(row)}, ${formatBytes(row.byteLength)}`
      : measured !== undefined
        ? `${formatShape(measured.shape)}, ${formatDtype(measured.dtype)}`
        : "";
  return <p className="inspector-shape">{text}</p>;
}

/** How the values are spread, once the tensor was read. */
function ValueSpread({ name }: { readonly name: string }) {
  const detail = useStudio(({ inspection }) => (inspection?.tensor === name ? inspection.detail : null));
  return detail === null ? null : <ValueHistograms histograms={detail.values} />;
}

/** What the plan does with it, and the way to another λ. */
function Treatment({ name }: { readonly name: string }) {
  const row = useStudio((state) => state.plan?.rows.find((candidate) => candidate.name === name));
  const addRules = useStudio((state) => state.addRules);
  const showView = useStudio((state) => state.showView);
  const locked = useStudio(isJobRunning);
  const setScale = () => {
    showView("heatmap");
    addRules([name]);
  };
  return (
    <>
      {row !== undefined && (
        <>
          <h2>Plan</h2>
          <p className="inspector-text selectable">
            {actionWords[row.action]}, {row.reason}
            {row.action === "merge" && `, rounded once to ${row.outputDtype.toLowerCase()}`}
          </p>
        </>
      )}
      <button type="button" className="button" disabled={locked} onClick={setScale}>
        Set λ of this tensor…
      </button>
    </>
  );
}
