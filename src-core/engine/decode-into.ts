import { bytesPerElement, type MergeableDtype } from "../checkpoint/dtype.ts";
import { decodeElement } from "../reference/decode.ts";

let halfTable: Float32Array | null = null;

/** Decodes `values.length` packed elements at a byte offset that is a multiple of their width, whole chunks at a time. */
export function decodeInto(values: Float32Array, dtype: MergeableDtype, bytes: Uint8Array, byteOffset: number): void {
  const start = bytes.byteOffset + byteOffset;
  if (start % bytesPerElement(dtype) !== 0) throw new RangeError(`${dtype} at byte ${start}`);
  if (dtype === "F32") {
    values.set(new Float32Array(bytes.buffer, start, values.length));
    return;
  }
  const halves = new Uint16Array(bytes.buffer, start, values.length);
  if (dtype === "BF16") {
    const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
    for (let i = 0; i < halves.length; i++) words[i] = (halves[i] ?? 0) << 16;
    return;
  }
  halfTable ??= Float32Array.from({ length: 65_536 }, (_, bits) => decodeElement("F16", bits));
  for (let i = 0; i < halves.length; i++) values[i] = halfTable[halves[i] ?? 0] ?? 0;
}
