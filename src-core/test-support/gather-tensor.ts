import type { ByteSource } from "../checkpoint/byte-source.ts";
import type { TensorEntry } from "../checkpoint/checkpoint.ts";
import { dtypeBits } from "../checkpoint/dtype.ts";

/** A tensor's elements in the order of its shape, whatever its strides. */
export async function gatherTensor(source: ByteSource, tensor: Omit<TensorEntry, "file">): Promise<Uint8Array> {
  const { dtype, shape, strides, byteOffset, byteLength } = tensor;
  const bytes = new Uint8Array(byteLength);
  if (strides === undefined) {
    await source.readInto(bytes, byteOffset);
    return bytes;
  }
  const size = dtypeBits[dtype] / 8;
  for (let element = 0; element * size < byteLength; element++) {
    let rest = element;
    let place = 0;
    for (let i = shape.length - 1; i >= 0; i--) {
      const dimension = shape[i] ?? 1;
      place += (rest % dimension) * (strides[i] ?? 0);
      rest = Math.floor(rest / dimension);
    }
    await source.readInto(bytes.subarray(element * size, (element + 1) * size), byteOffset + place * size);
  }
  return bytes;
}
