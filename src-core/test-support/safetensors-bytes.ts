import type { Dtype } from "../checkpoint/dtype.ts";
import { encodeSafetensorsHeader, layoutSafetensors } from "../checkpoint/safetensors-writer.ts";
import { tensorByteLength } from "../checkpoint/tensor-size.ts";

export interface TensorSpec {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
}

/** A whole, valid file; its data counts up, byte by byte. */
export function safetensorsBytes(
  specs: readonly TensorSpec[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const tensors = specs.map((spec) => ({
    ...spec,
    byteLength: tensorByteLength(spec.dtype, spec.shape) ?? Number.NaN,
  }));
  const layout = layoutSafetensors(tensors, metadata);
  const bytes = new Uint8Array(layout.byteLength).map((_, index) => index % 251);
  bytes.set(encodeSafetensorsHeader(layout.headerJson));
  return bytes;
}

/** A file with this header text, whatever it says, and so many bytes of data. */
export function rawSafetensors(header: string | Uint8Array, dataByteLength = 0, declaredLength?: number): Uint8Array {
  const text = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.length + dataByteLength);
  const length = declaredLength ?? text.length;
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length % 2 ** 32, true);
  view.setUint32(4, Math.floor(length / 2 ** 32), true);
  bytes.set(text, 8);
  return bytes;
}
