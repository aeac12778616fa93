import { bytesPerElement, type MergeableDtype } from "../checkpoint/dtype.ts";
import type { MergePlan, PlannedSpan, PlannedTensor, TensorLocation } from "../plan/merge-plan.ts";

/** Bytes of tensors that executing the plan reads: what several roles share counts once, as it is read once. */
export function plannedReadBytes(plan: MergePlan): number {
  return plan.tensors.reduce((sum, tensor) => sum + tensorReadBytes(tensor), 0);
}

function tensorReadBytes(tensor: PlannedTensor): number {
  const width = tensor.elementCount === 0 ? 0 : tensor.byteLength / tensor.elementCount;
  return tensor.spans.reduce((sum, span) => sum + span.elementCount * (width + vectorWidth(tensor, span)), 0);
}

/** Bytes of chat and base for one element of the span. */
function vectorWidth({ target }: PlannedTensor, { vectors, elementOffset }: PlannedSpan): number {
  const seen = new Set([key(target, elementOffset)]);
  let width = 0;
  for (const { chat, base, chatElementOffset, baseElementOffset } of vectors) {
    for (const [location, offset] of [
      [chat, chatElementOffset],
      [base, baseElementOffset],
    ] as const) {
      const range = key(location, offset);
      if (!seen.has(range)) width += bytesPerElement(location.dtype as MergeableDtype);
      seen.add(range);
    }
  }
  return width;
}

function key({ source, file, byteOffset }: TensorLocation, elementOffset: number): string {
  return `${source} ${file} ${byteOffset} ${elementOffset}`;
}
