import type { MeasureRow } from "../../../electron/api/measuring.ts";
import type { KnownStatistics } from "../../../src-core/statistics/cell-values.ts";
import { memoLast } from "../store/memo.ts";
import type { StudioState } from "../store/studio-state.ts";

/** Names of the tensors that have NaN or an infinity in some model, in the models' order. */
export const nonFiniteTensorsOf = (state: Pick<StudioState, "measureRows" | "statistics">): readonly string[] =>
  find(state.measureRows, state.statistics);

const find = memoLast((rows: readonly MeasureRow[], statistics: KnownStatistics) =>
  rows.flatMap(({ name }, index) => ((statistics[index]?.nonFiniteCount ?? 0) > 0 ? [name] : [])),
);
