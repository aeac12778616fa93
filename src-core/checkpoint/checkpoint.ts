import type { Dtype } from "./dtype.ts";
import type { ModelConfig } from "./model-config.ts";

export interface TensorEntry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Index into the checkpoint's `files`. */
  readonly file: number;
  /** From the start of the file. */
  readonly byteOffset: number;
  readonly byteLength: number;
}

export interface CheckpointFile {
  /** Name inside the checkpoint's folder. */
  readonly name: string;
  readonly byteLength: number;
}

/** What the headers of a model's files say. No tensor byte was read for it. */
export interface Checkpoint {
  /** The folder or file that was opened, as a message names it. */
  readonly path: string;
  readonly format: "safetensors";
  readonly files: readonly CheckpointFile[];
  /** In file order, by byte offset. */
  readonly tensors: readonly TensorEntry[];
  readonly metadata: Readonly<Record<string, string>>;
  /** From config.json beside the weights; null where there is none. */
  readonly config: ModelConfig | null;
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

export function parameterCount(checkpoint: Checkpoint): number {
  return checkpoint.tensors.reduce((sum, tensor) => sum + elementCount(tensor.shape), 0);
}
