import type { MergePlan } from "../plan/merge-plan.ts";

/**
 * Indices of the plan's tensors in the order in which they lie in the output files: there wider dtypes come first. Who writes in this order can be
 * followed closely, file by file.
 */
export function outputOrder({ tensors }: MergePlan): readonly number[] {
  return tensors
    .map(({ output }, index) => ({ index, output }))
    .sort((a, b) => a.output.file - b.output.file || a.output.byteOffset - b.output.byteOffset || a.index - b.index)
    .map(({ index }) => index);
}
