import type { Dtype } from "./dtype.ts";
import type { ModelConfig } from "./model-config.ts";

export interface TensorEntry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Index into the checkpoint's `files`. */
  readonly file: number;
  /** Of the first element, from the start of the file. */
  readonly byteOffset: number;
  /** Of the elements alone: shape times dtype, however far apart they lie. */
  readonly byteLength: number;
  /** In elements, one for each dimension (0 repeats); absent where the elements follow each other in the shape's order. */
  readonly strides?: readonly number[];
  /** Of FP8 weights, once they are found among the other tensors (plan/weights.ts); a header does not say. */
  readonly scales?: TensorScales;
}

/** What a quantised tensor's elements are multiplied with: a tensor beside it, each element of which serves one block. */
export interface TensorScales {
  readonly tensor: TensorEntry;
  /** Elements along each dimension of the quantised tensor that share a scale. */
  readonly block: readonly number[];
  /** Scales along each dimension: the size, in blocks, of the quantised tensor. */
  readonly counts: readonly number[];
}

export type CheckpointFormat = "safetensors" | "pytorch";

export interface CheckpointFile {
  /** Name inside the checkpoint's folder. */
  readonly name: string;
  readonly byteLength: number;
}

/** What the headers of a model's files say. No tensor byte was read for it. */
export interface Checkpoint {
  /** The folder or file that was opened, as a message names it. */
  readonly path: string;
  readonly format: CheckpointFormat;
  readonly files: readonly CheckpointFile[];
  /** In file order, by byte offset. Those of PyTorch files may share bytes. */
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
