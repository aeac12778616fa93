import type { TensorEntry } from "../checkpoint/checkpoint.ts";
import { isFloat8, isScaleDtype } from "../checkpoint/dtype.ts";
import type { ScaleGrid, TensorLocation } from "./merge-plan.ts";

/** Where a tensor's elements lie, and how they are read; `source` is the index of its checkpoint in a plan. */
export function locationOf(source: number, tensor: TensorEntry): TensorLocation {
  const { file, dtype, byteOffset, shape, strides } = tensor;
  const view = strides === undefined ? {} : { view: { shape, strides } };
  if (!isFloat8(dtype)) return { source, file, dtype, byteOffset, ...view };
  const encoded = { dtype, shape, scales: scaleGrid(tensor) };
  return { source, file, dtype: "F32", byteOffset, ...view, encoded };
}

function scaleGrid({ scales }: TensorEntry): ScaleGrid | null {
  if (scales === undefined) return null;
  const { tensor, block, counts } = scales;
  const { file, dtype, byteOffset } = tensor;
  if (!isScaleDtype(dtype)) throw new Error(`scales of ${dtype}`);
  return { file, dtype, byteOffset, block, counts };
}
