import type { MeasurePlan } from "../plan/measure-plan.ts";
import type { MergePlan, PlannedTensor } from "../plan/merge-plan.ts";
import { spanReadBytes } from "./span-inputs.ts";

/** Bytes of tensors that executing the plan reads: what several roles share counts once, as it is read once. */
export function plannedReadBytes(plan: MergePlan): number {
  return plan.tensors.reduce((sum, tensor) => sum + tensorReadBytes(tensor), 0);
}

/** Only spans with vectors are sure to hold floats; the others may hold anything. */
function tensorReadBytes({ target, spans, elementCount, byteLength }: PlannedTensor): number {
  return spans.reduce((sum, span) => {
    if (span.vectors.length > 0) return sum + spanReadBytes(target, span);
    return sum + (span.elementCount * byteLength) / elementCount;
  }, 0);
}

/** Bytes of tensors that measuring reads, those in `done` left out. */
export function plannedMeasureBytes(plan: MeasurePlan, done: ReadonlySet<string>): number {
  return plan.tensors.reduce((sum, { name, target, spans }) => {
    if (done.has(name)) return sum;
    return sum + spans.reduce((bytes, span) => bytes + spanReadBytes(target, span), 0);
  }, 0);
}
