import { metricsOfCell } from "./cell-values.ts";
import type { CellTensors, HeatmapLayout } from "./heatmap-layout.ts";
import type { ScaledTensor } from "./metrics.ts";
import { cosineOfVectors } from "./metrics.ts";
import type { ModuleGroup } from "./module-table.ts";
import type { TensorStatistics } from "./tensor-statistics.ts";

/** σ against τ of some tensors together. */
export interface ComparedPart {
  readonly key: string;
  readonly label: string;
  readonly group: ModuleGroup | "outside";
  readonly tensors: CellTensors;
  readonly elementCount: number;
  /** ‖σ‖ / ‖base‖ */
  readonly shift: number;
  /** ‖τ‖ / ‖base‖ */
  readonly vector: number;
  /** cos(τ, σ); null where one of them is zero. */
  readonly cosine: number | null;
}

export type Comparison = "modules" | "layers" | "cells";

/** The parts of a model by module, by layer or by cell; those that are not measured, or have no base, are left out. */
export function compareParts(
  layout: HeatmapLayout,
  tensors: readonly (ScaledTensor | null)[],
  by: Comparison,
  vector: number,
): readonly ComparedPart[] {
  return partsOf(layout, by).flatMap((part) => {
    const metrics = metricsOfCell(part.tensors, tensors, vector);
    if (metrics === null || metrics.base === null || metrics.base === 0) return [];
    if (metrics.shift === null || metrics.relative === null) return [];
    const elementCount = part.tensors.reduce(
      (sum, index) => sum + (tensors[index]?.statistics.vectors[vector]?.elementCount ?? 0),
      0,
    );
    const { shift, base, relative, cosine } = metrics;
    return [{ ...part, elementCount, shift: shift / base, vector: relative, cosine }];
  });
}

type Part = Pick<ComparedPart, "key" | "label" | "group" | "tensors">;

function partsOf({ rows, before, after, layerCount }: HeatmapLayout, by: Comparison): readonly Part[] {
  const outside = [...before, ...after].map(({ key, label, tensors }) => ({
    key,
    label,
    tensors,
    group: "outside" as const,
  }));
  if (by === "layers") {
    const layers = Array.from({ length: layerCount }, (_, layer) => ({
      key: `layer.${layer}`,
      label: `layer ${layer}`,
      group: "other" as const,
      tensors: rows.flatMap((row) => row.cells[layer] ?? []),
    }));
    return [...layers, ...outside];
  }
  const modules = rows.flatMap((row) => {
    const { key, label, group, cells } = row;
    if (by === "modules") return [{ key, label, group, tensors: cells.flat() }];
    return cells.map((tensors, layer) => ({
      key: `${key}@${layer}`,
      label: `${label}, layer ${layer}`,
      group,
      tensors,
    }));
  });
  return [...modules, ...outside].filter(({ tensors }) => tensors.length > 0);
}

/** Beyond this multiple of 1/√n a cosine of n elements is more than two random directions would have. */
const chanceDeviations = 5;

export interface PullingParts {
  /** Strongest first. */
  readonly together: readonly ComparedPart[];
  readonly against: readonly ComparedPart[];
}

/** Where τ and σ pull together, or against each other, more than chance would have it: at most `count` of each. */
export function strongestPulls(parts: readonly ComparedPart[], count: number): PullingParts {
  const beyondChance = parts.filter(
    ({ cosine, elementCount }) => cosine !== null && Math.abs(cosine) > chanceDeviations / Math.sqrt(elementCount),
  );
  const byCosine = [...beyondChance].sort((a, b) => (b.cosine ?? 0) - (a.cosine ?? 0));
  return {
    together: byCosine.filter(({ cosine }) => (cosine ?? 0) > 0).slice(0, count),
    against: byCosine
      .filter(({ cosine }) => (cosine ?? 0) < 0)
      .reverse()
      .slice(0, count),
  };
}

/** cos(τ_v, τ_w) of every two vectors over some tensors; null where a vector is zero. */
export function cosineMatrix(
  statistics: readonly TensorStatistics[],
  vectorCount: number,
): readonly (readonly (number | null)[])[] {
  const vectors = Array.from({ length: vectorCount }, (_, vector) => vector);
  return vectors.map((v) => vectors.map((w) => cosineOfVectors(statistics, v, w)));
}
