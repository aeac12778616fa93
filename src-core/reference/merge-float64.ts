import type { MergeableDtype } from "../checkpoint/dtype.ts";
import { decodeElement } from "./decode.ts";
import { encodeElement } from "./encode.ts";
import type { ElementVector } from "./merge.ts";

/**
 * target + Σ scale · (chat − base) in float64, vectors in recipe order: for elements of which one model has F64. λ is the same f32
 * as elsewhere. Rounded to the output's dtype by `roundFloat64`, once.
 */
export function mergeElementFloat64(target: number, vectors: readonly ElementVector[]): number {
  let sum = -0;
  for (const { scale, chat, base } of vectors) sum += scale * (chat - base);
  return target + sum;
}

/** Whether an output's value is what the float64 result rounds to: bit for bit, but for the payload of a NaN. */
export function isRoundedFloat64(dtype: MergeableDtype | "F64", output: number, exact: number): boolean {
  return Object.is(output, dtype === "F64" ? exact : roundFloat64(dtype, exact));
}

/** The nearest value of the dtype, ties to even. */
function roundFloat64(dtype: MergeableDtype, value: number): number {
  return decodeElement(dtype, encodeElement(dtype, value));
}
