import { elementCount, type TensorEntry } from "../checkpoint/checkpoint.ts";
import { bytesPerElement, type Dtype, dtypeBits, isFloat, isFloat8, isMergeable } from "../checkpoint/dtype.ts";

import type { OutputDtype } from "../recipe/recipe.ts";

export interface OutputTensor {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly byteLength: number;
}

/**
 * The dtype a target's tensor is written in: only floats are ever converted. FP8 becomes BF16 unless asked otherwise: rounded to
 * three bits again, most of what was added would be lost, and its scales would not fit any more.
 */
function outputDtypeOf(dtype: Dtype, wanted: OutputDtype): Dtype {
  if (!isFloat(dtype)) return dtype;
  if (wanted !== "same") return wanted;
  return isFloat8(dtype) ? "BF16" : dtype;
}

/** `rowCount` is the first dimension where it is not the target's. */
export function outputTensorOf(tensor: TensorEntry, wanted: OutputDtype, rowCount: number | null): OutputTensor {
  const dtype = outputDtypeOf(tensor.dtype, wanted);
  const shape = rowCount === null ? tensor.shape : [rowCount, ...tensor.shape.slice(1)];
  const byteLength = isMergeable(dtype) ? elementCount(shape) * bytesPerElement(dtype) : tensor.byteLength;
  return { name: tensor.name, dtype, shape, byteLength };
}

/**
 * Fills shards with tensors in the target's order, each shard up to `shardBytes` of tensors; a larger tensor gets its own.
 * Inside a shard wider dtypes come first, so that without holes every tensor stays aligned to its elements.
 * Returns, per shard, indices into `tensors`.
 */
export function assignShards(tensors: readonly OutputTensor[], shardBytes: number): number[][] {
  const shards: number[][] = [];
  let current: number[] = [];
  let filled = 0;
  tensors.forEach(({ byteLength }, index) => {
    if (current.length > 0 && filled + byteLength > shardBytes) {
      shards.push(current);
      current = [];
      filled = 0;
    }
    current.push(index);
    filled += byteLength;
  });
  shards.push(current);
  const width = (index: number) => dtypeBits[tensors[index]?.dtype ?? "U8"];
  return shards.map((shard) => shard.sort((a, b) => width(b) - width(a) || a - b));
}

/** "model.safetensors", or "model-00002-of-00015.safetensors" as the usual tools name shards. */
export function shardName(index: number, count: number): string {
  if (count === 1) return "model.safetensors";
  const padded = (value: number) => String(value).padStart(5, "0");
  return `model-${padded(index + 1)}-of-${padded(count)}.safetensors`;
}
