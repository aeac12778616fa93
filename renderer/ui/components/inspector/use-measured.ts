import { useMemo } from "react";
import { scaledTensorsOf } from "../../store/measured.ts";
import { useStudio, useStudioStore } from "../../store/use-studio.tsx";
import { type MeasuredSelection, measuredSelection } from "../../views/tensor-facts.ts";

/** What is measured of these tensors, again whenever λ or the statistics change. */
export function useMeasured(names: readonly string[]): MeasuredSelection {
  const store = useStudioStore();
  const tensors = useStudio(scaledTensorsOf);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the scaled tensors stand for all of the state that counts
  return useMemo(() => measuredSelection(store.getState(), names), [store, tensors, names]);
}
