import type { Checkpoint, TensorEntry, TensorScales } from "../checkpoint/checkpoint.ts";
import { elementCount } from "../checkpoint/checkpoint.ts";
import { isFloat8, isScaleDtype } from "../checkpoint/dtype.ts";
import type { Recipe } from "../recipe/recipe.ts";
import type { Problem } from "./problem.ts";
import { eachOnce } from "./unmergeable.ts";

/** A checkpoint's tensors as a merge sees them: FP8 weights with their scales, which are no tensors of their own any more. */
export interface Weights {
  readonly tensors: readonly TensorEntry[];
  /** Scales of weights, and of activations and caches, which mean nothing without them. */
  readonly companions: readonly TensorEntry[];
  /** Weights whose scales cannot be understood. */
  readonly unreadable: readonly { readonly weight: TensorEntry; readonly scale: TensorEntry }[];
}

/** DeepSeek's kind of FP8 says it in its config; this is what it and all that follow it use. */
const usualBlockSize = 128;

/** What goes with an FP8 weight and is of use to a quantised model alone: static scales of what flows through it. */
const activationScales = [
  "input_scale",
  "input_scale_inv",
  "output_scale",
  "k_scale",
  "v_scale",
  "q_scale",
  "scale_input",
];

/**
 * Finds the scales of FP8 weights: "…weight_scale_inv" (DeepSeek, Qwen, MiniMax: 128 × 128 blocks), "…weight_scale"
 * (compressed-tensors, FBGEMM, ModelOpt: a tensor, a row or a group), "….scale_weight". Whatever the name, a value is the element
 * times the scale. FP8 without scales is plain numbers.
 */
export function weightsOf({ tensors, config }: Checkpoint): Weights {
  if (!tensors.some(({ dtype }) => isFloat8(dtype))) return { tensors, companions: [], unreadable: [] };
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const companions = new Set<TensorEntry>();
  const unreadable: { weight: TensorEntry; scale: TensorEntry }[] = [];
  const blockSize = config?.quantization?.blockSize ?? [usualBlockSize, usualBlockSize];
  const scaled = tensors.map((weight) => {
    const scale = isFloat8(weight.dtype) ? scaleTensorOf(weight.name, byName) : undefined;
    if (scale === undefined) return weight;
    companions.add(scale);
    const module = weight.name.replace(/[^.]*$/, "");
    for (const name of activationScales) {
      const other = byName.get(module + name);
      if (other !== undefined) companions.add(other);
    }
    const grid = gridOf(weight, scale, blockSize);
    if (grid === null) unreadable.push({ weight, scale });
    return grid === null ? weight : { ...weight, scales: grid };
  });
  if (companions.size > 0) {
    // Those of a cache stand in the attention, beside its projections.
    for (const tensor of tensors) if (/\.(?:[kvq]_scale|kv_scale)$/.test(tensor.name)) companions.add(tensor);
  }
  return {
    tensors: scaled.filter(({ name }) => !companions.has(byName.get(name) as TensorEntry)),
    companions: [...companions],
    unreadable,
  };
}

function scaleTensorOf(name: string, byName: ReadonlyMap<string, TensorEntry>): TensorEntry | undefined {
  const names = [`${name}_scale_inv`, `${name}_scale`, name.replace(/weight$/, "scale_weight")];
  return names.map((each) => (each === name ? undefined : byName.get(each))).find((found) => found !== undefined);
}

function gridOf(weight: TensorEntry, scale: TensorEntry, blockSize: readonly number[]): TensorScales | null {
  if (!isScaleDtype(scale.dtype) || scale.strides !== undefined) return null;
  const { shape } = weight;
  if (elementCount(scale.shape) === 1) {
    return { tensor: scale, block: shape.map((size) => Math.max(size, 1)), counts: shape.map(() => 1) };
  }
  // Blocks are counted in the tensor's own order, and a view has another.
  if (weight.strides !== undefined) return null;
  const counts = alignedCounts(shape, scale.shape);
  if (counts === null) return null;
  const block = shape.map((size, dimension) => {
    const configured = blockSize[blockSize.length - shape.length + dimension] ?? 1;
    return blockAlong(size, counts[dimension] ?? 1, configured);
  });
  return block.some((size) => size === null) ? null : { tensor: scale, block: block as number[], counts };
}

/** The scales' shape with as many dimensions as the weight's; one less stands for the rows, or for the experts. */
function alignedCounts(shape: readonly number[], scaleShape: readonly number[]): readonly number[] | null {
  if (scaleShape.length > shape.length) return null;
  return [...scaleShape, ...new Array<number>(shape.length - scaleShape.length).fill(1)];
}

/** Null where so many scales fit no even division of the dimension. */
function blockAlong(size: number, count: number, configured: number): number | null {
  if (count === 1) return Math.max(size, 1);
  if (count === size) return 1;
  if (Math.ceil(size / configured) === count) return configured;
  return size % count === 0 ? size / count : null;
}

/** Scales that cannot be understood: without them the weights mean nothing. */
export function scaleProblems(
  models: readonly { readonly role: string; readonly checkpoint: Checkpoint }[],
): Problem[] {
  return eachOnce(models).flatMap(({ role, checkpoint }) => {
    const { unreadable } = weightsOf(checkpoint);
    const [first] = unreadable;
    if (first === undefined) return [];
    const { weight, scale } = first;
    const tensors = unreadable.map((pair) => pair.weight.name);
    const actual = `${scale.dtype} [${scale.shape.join(", ")}] for [${weight.shape.join(", ")}]`;
    const message = `The scales of FP8 weights in ${role} do not fit them: ${scale.name} is ${actual}. Merge the model in BF16 instead`;
    return [{ code: "scales-unreadable", severity: "error", message, tensors, actual }];
  });
}

/** What becomes of the target's FP8 weights. */
export function widenedProblems({ tensors, companions }: Weights, { output }: Recipe): Problem[] {
  const float8 = tensors.filter(({ dtype }) => isFloat8(dtype)).map(({ name }) => name);
  if (float8.length === 0) return [];
  const dtype = output.dtype === "same" ? "BF16" : output.dtype;
  const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;
  const scales =
    companions.length === 0
      ? ""
      : `, with scales multiplied in. ${counted(companions.length, "tensor")} of scales and the config's quantization_config go`;
  const message = `FP8 becomes ${dtype}: ${counted(float8.length, "weight")} of the target, to hold what is added${scales}`;
  return [{ code: "float8-widened", severity: "notice", message, tensors: float8 }];
}
