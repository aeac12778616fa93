import { useMemo } from "react";
import type { LogHistogram } from "../../../../src-core/statistics/log-histogram.ts";
import { scaledTensorsOf, shownVectorOf, unscaledTensorsOf } from "../../store/measured.ts";
import { useStudio, useStudioStore } from "../../store/use-studio.tsx";
import { changesOf, type MeasuredSelection, measuredSelection } from "../../views/tensor-facts.ts";

/** What is measured of these tensors, again whenever λ or the statistics change. */
export function useMeasured(names: readonly string[]): MeasuredSelection {
  const store = useStudioStore();
  const tensors = useStudio(scaledTensorsOf);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the scaled tensors stand for all of the state that counts
  return useMemo(() => measuredSelection(store.getState(), names), [store, tensors, names]);
}

/** |τ| of these tensors in octaves; another λ leaves it as it is. Null while not measured. */
export function useChanges(names: readonly string[]): LogHistogram | null {
  const store = useStudioStore();
  const tensors = useStudio(unscaledTensorsOf);
  const vector = useStudio(shownVectorOf);
  // biome-ignore lint/correctness/useExhaustiveDependencies: tensors and vector stand for all of the state that counts
  return useMemo(() => changesOf(store.getState(), names), [store, tensors, vector, names]);
}
