import { bytesPerElement, type MergeableDtype } from "../checkpoint/dtype.ts";

/** A tensor's elements as they lie in a file: packed, little-endian. */
export interface Elements {
  readonly dtype: MergeableDtype;
  readonly borrowedBytes: DataView;
}

/** `elementCount` elements of `bytes` from `byteOffset` on. Throws a RangeError where the bytes end before. */
export function elementsOf(
  dtype: MergeableDtype,
  bytes: Uint8Array,
  byteOffset: number,
  elementCount: number,
): Elements {
  const byteLength = elementCount * bytesPerElement(dtype);
  if (byteOffset + byteLength > bytes.byteLength) {
    throw new RangeError(`${elementCount} ${dtype} elements at byte ${byteOffset} of ${bytes.byteLength}`);
  }
  return { dtype, borrowedBytes: new DataView(bytes.buffer, bytes.byteOffset + byteOffset, byteLength) };
}

export function readBits({ dtype, borrowedBytes }: Elements, index: number): number {
  return dtype === "F32" ? borrowedBytes.getUint32(index * 4, true) : borrowedBytes.getUint16(index * 2, true);
}

export function writeBits({ dtype, borrowedBytes }: Elements, index: number, bits: number): void {
  if (dtype === "F32") borrowedBytes.setUint32(index * 4, bits, true);
  else borrowedBytes.setUint16(index * 2, bits, true);
}
