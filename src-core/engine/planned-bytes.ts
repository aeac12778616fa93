import type { MeasurePlan } from "../plan/measure-plan.ts";
import type { MergePlan, PlannedTensor } from "../plan/merge-plan.ts";
import { inputsOf } from "./span-inputs.ts";
import { stretchesOf } from "./stretches.ts";

/** Bytes of tensors that executing the plan reads: what several roles share counts once, as it is read once. */
export function plannedReadBytes(plan: MergePlan): number {
  return plan.tensors.reduce((sum, tensor) => sum + tensorReadBytes(tensor), 0);
}

/** What is copied may hold anything, fractions of bytes included; the rest are floats. */
function tensorReadBytes(tensor: PlannedTensor): number {
  const width = tensor.output.byteLength / tensor.elementCount;
  const copied = tensor.target.encoded === undefined ? 1 : 1 / 4;
  let bytes = 0;
  for (const { inputs, kept } of stretchesOf(tensor)) {
    bytes += inputs?.readBytes ?? 0;
    for (const { elementCount } of kept) bytes += elementCount * width * copied;
  }
  return bytes;
}

/** Bytes of tensors that measuring reads, those in `done` left out. */
export function plannedMeasureBytes(plan: MeasurePlan, done: ReadonlySet<string>): number {
  return plan.tensors.reduce((sum, { name, target, spans }) => {
    if (done.has(name)) return sum;
    return sum + spans.reduce((bytes, span) => bytes + inputsOf(target, span).readBytes, 0);
  }, 0);
}
