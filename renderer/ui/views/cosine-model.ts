import type { KnownStatistics } from "../../../src-core/statistics/cell-values.ts";
import { cosineMatrix } from "../../../src-core/statistics/comparison.ts";
import type { HeatmapLayout } from "../../../src-core/statistics/heatmap-layout.ts";
import type { CompleteVector } from "../store/edited-vector.ts";
import { layoutOf } from "../store/measured.ts";
import { memoLast } from "../store/memo.ts";
import type { StudioState } from "../store/studio-state.ts";
import { completeVectorsOf, vectorNamesOf } from "../store/vectors.ts";

/** cos(τ_v, τ_w) of every two vectors, over the whole model and by family. */
export interface CosineModel {
  readonly vectorNames: readonly string[];
  readonly matrices: readonly {
    readonly name: string;
    readonly cosines: readonly (readonly (number | null)[])[];
  }[];
}

/** Null where there is one vector alone, or nothing is measured. */
export const cosineModelOf = (state: StudioState): CosineModel | null =>
  cosines(layoutOf(state), state.statistics, completeNames(vectorNamesOf(state), completeVectorsOf(state)));

const completeNames = memoLast((names: ReadonlyMap<string, string>, vectors: readonly CompleteVector[]) =>
  vectors.map(({ id }) => names.get(id) ?? ""),
);

const cosines = memoLast(
  ({ families }: HeatmapLayout, statistics: KnownStatistics, vectorNames: readonly string[]): CosineModel | null => {
    const known = statistics.filter((ofTensor) => ofTensor !== null);
    if (vectorNames.length < 2 || known.length === 0) return null;
    const ofFamilies = families.map(({ group, cells }) => ({
      name: group,
      tensors: cells.flat().flatMap((index) => statistics[index] ?? []),
    }));
    return {
      vectorNames,
      matrices: [{ name: "whole model", tensors: known }, ...ofFamilies].map(({ name, tensors }) => ({
        name,
        cosines: cosineMatrix(tensors, vectorNames.length),
      })),
    };
  },
);
