import "./compare-view.css";
import { ToggleGroup } from "radix-ui";
import { useState } from "react";
import type { ComparedPart, Comparison } from "../../../../src-core/statistics/comparison.ts";
import { formatCosine } from "../../format/metric-text.ts";
import { useStudio } from "../../store/use-studio.tsx";
import { compareModelOf, overallWordsOf } from "../../views/compare-model.ts";
import { FigureMenu } from "../figure-menu.tsx";
import { namesOf } from "../heatmap/cell-text.ts";
import { Legend } from "../heatmap/legend.tsx";
import { WordsButton } from "../words/words-button.tsx";
import { CosineMatrices } from "./cosine-matrices.tsx";
import { PartList } from "./part-list.tsx";
import { Scatter } from "./scatter.tsx";

const comparisons: readonly { readonly by: Comparison; readonly name: string }[] = [
  { by: "cells", name: "Tensors" },
  { by: "modules", name: "Modules" },
  { by: "layers", name: "Layers" },
];

const comparedWords = ["chat-vector", "shift", "cosine", "norm"] as const;

/** Where what the chat tuning changed and what the target's training changed pull together, or against each other. */
export function CompareView() {
  const model = useStudio(compareModelOf);
  const words = useStudio(overallWordsOf);
  const measureRows = useStudio((state) => state.measureRows);
  const selectCell = useStudio((state) => state.selectCell);
  const selected = useSelectedPart(model.parts);
  const [hovered, setHovered] = useState<string | null>(null);
  if (words === null) {
    return (
      <p className="workspace-message" role="status">
        Nothing is measured yet.
      </p>
    );
  }
  const select = (part: ComparedPart) =>
    selectCell({ label: part.label, layer: null, tensors: namesOf(measureRows, part.tensors) });
  return (
    <div className="compare-view">
      <div className="heatmap-toolbar">
        <CompareBy />
        <WordsButton label="What is compared" words={comparedWords} />
        <LogAxes />
        <FigureMenu />
        <Legend metric="cosine" domain={model.domain} />
      </div>
      <p className="compare-words">
        {words} <Pulls title="Most together" parts={model.pulls.together} />{" "}
        <Pulls title="Most against" parts={model.pulls.against} />
      </p>
      <div className="compare-body">
        <Scatter model={model} selected={selected} hovered={hovered} onHover={setHovered} onSelect={select} />
        <PartList model={model} selected={selected} onHover={setHovered} onSelect={select} />
      </div>
      <CosineMatrices />
    </div>
  );
}

function CompareBy() {
  const comparison = useStudio((state) => state.comparison);
  const compareBy = useStudio((state) => state.compareBy);
  return (
    <ToggleGroup.Root
      className="segments"
      type="single"
      aria-label="Compare"
      value={comparison}
      onValueChange={(value) => {
        const found = comparisons.find(({ by }) => by === value);
        if (found !== undefined) compareBy(found.by);
      }}
    >
      {comparisons.map(({ by, name }) => (
        <ToggleGroup.Item key={by} className="segment" value={by}>
          {name}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}

function LogAxes() {
  const logScale = useStudio((state) => state.logScale);
  const setLogScale = useStudio((state) => state.setLogScale);
  return (
    <button
      type="button"
      className="ghost"
      aria-pressed={logScale}
      data-state={logScale ? "on" : "off"}
      onClick={() => setLogScale(!logScale)}
    >
      Log
    </button>
  );
}

function Pulls({ title, parts }: { readonly title: string; readonly parts: readonly ComparedPart[] }) {
  if (parts.length === 0) return null;
  return (
    <>
      {title}:{" "}
      {parts.map(({ key, label, cosine }, index) => (
        <span key={key}>
          {index > 0 && ", "}
          <b>{label}</b> ({formatCosine(cosine ?? 0)})
        </span>
      ))}
      .
    </>
  );
}

/** The part that holds what is selected. */
function useSelectedPart(parts: readonly ComparedPart[]): string | null {
  const tensor = useStudio((state) => state.selectedTensor);
  const cell = useStudio((state) => state.selectedCell);
  const rows = useStudio((state) => state.measureRows);
  const name = tensor ?? cell?.tensors[0];
  if (name === undefined) return null;
  const count = cell?.tensors.length ?? 1;
  const holding = parts.filter(({ tensors }) => tensors.some((index) => rows[index]?.name === name));
  return (holding.find(({ tensors }) => tensors.length === count) ?? holding[0])?.key ?? null;
}
