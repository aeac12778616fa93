import { type Dtype, dtypeBits } from "./dtype.ts";

/**
 * Bytes of a tensor of this dtype and shape; null where they are no whole number of bytes (widths of 4 and 6 bits), or where
 * a product, taken in order, leaves the integers that a double holds. A scalar (`[]`) has one element; a dimension may be 0.
 */
export function tensorByteLength(dtype: Dtype, shape: readonly number[]): number | null {
  let elements = 1;
  for (const dimension of shape) {
    elements *= dimension;
    if (!Number.isSafeInteger(elements)) return null;
  }
  const bits = elements * dtypeBits[dtype];
  return Number.isSafeInteger(bits) && bits % 8 === 0 ? bits / 8 : null;
}
