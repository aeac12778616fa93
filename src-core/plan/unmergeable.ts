import type { Checkpoint, TensorEntry } from "../checkpoint/checkpoint.ts";
import type { QuantizationConfig } from "../checkpoint/model-config.ts";
import type { Problem } from "./problem.ts";

/** What a checkpoint's weights are, when they are no numbers that can be added. */
interface Finding {
  readonly code: "quantized-packed" | "adapter";
  /** "a 4-bit GPTQ model" */
  readonly what: string;
  /** Goes on after "merge". */
  readonly instead: string;
  readonly tensors: readonly string[];
}

const unquantised = "merge the unquantised model that it was made from";

interface Packing {
  readonly name: string;
  /** What the packed weights consist of. */
  readonly tensor: RegExp;
  /** Tells it from others by names alone, where `tensor` does not. */
  readonly sign?: RegExp;
  /** Of quantization_config, in small letters. */
  readonly methods: readonly string[];
}

const packings: readonly Packing[] = [
  {
    name: "GPTQ",
    tensor: /\.(?:qweight|g_idx)$/,
    sign: /\.g_idx$/,
    methods: ["gptq", "marlin", "autoround", "auto-round", "intel/auto-round"],
  },
  { name: "AWQ", tensor: /\.qweight$/, methods: ["awq"] },
  {
    name: "bitsandbytes",
    tensor: /(?:\.absmax|\.quant_map|\.nested_absmax|\.quant_state\.bitsandbytes__\w+|\.SCB)$/,
    methods: ["bitsandbytes"],
  },
  { name: "compressed-tensors", tensor: /\.weight_packed$/, methods: [] },
  { name: "MXFP4", tensor: /_blocks$/, methods: ["mxfp4"] },
  { name: "HQQ", tensor: /\.W_q$/, methods: ["hqq"] },
  { name: "AQLM", tensor: /\.codebooks$/, methods: ["aqlm"] },
  { name: "quanto", tensor: /\.weight\._data$/, methods: ["quanto"] },
  { name: "VPTQ", tensor: /\.centroids\.weight$/, methods: ["vptq"] },
  { name: "EETQ", tensor: /\.weight_scales$/, methods: ["eetq"] },
  { name: "torchao", tensor: /:_data$/, methods: ["torchao"] },
];

const adapterTensor =
  /(?:^|\.)(?:lora_[A-Za-z]+|lora_magnitude_vector|hada_w\d_[ab]|lokr_\w+|ia3_l|prompt_embeddings|oft_\w+|vera_lambda_\w+)(?:\.|$)/;

/**
 * Weights that are no plain numbers, recognised from names, dtypes and config.json: packed integers of quantised models, and
 * adapters. Each is an error, as adding such bytes would give noise.
 */
export function unmergeableProblems(
  models: readonly { readonly role: string; readonly checkpoint: Checkpoint }[],
): Problem[] {
  return eachOnce(models).flatMap(({ role, checkpoint }) => {
    const found = adapterIn(checkpoint) ?? packedWeights(checkpoint);
    if (found === null) return [];
    const { code, what, instead, tensors } = found;
    const message = `The ${role.replace(/^(chat|base|target)/, "$1 model")} is ${what}: ${instead}`;
    return [{ code, severity: "error", message, tensors }];
  });
}

/** Each checkpoint under the last of its roles: one without a target stands in for it. */
export function eachOnce<Model extends { readonly checkpoint: Checkpoint }>(models: readonly Model[]): Model[] {
  return [...new Map(models.map((model) => [model.checkpoint, model])).values()];
}

/** Only matrices beside a base that is not there; or a model whose adapter has not been merged into it. */
function adapterIn({ tensors }: Checkpoint): Finding | null {
  const adapters = tensors.filter(({ name }) => adapterTensor.test(name)).map(({ name }) => name);
  if (adapters.length === 0) return null;
  const isAlone = adapters.length * 2 > tensors.length;
  return {
    code: "adapter",
    what: isAlone ? "an adapter (LoRA or its like), not a model" : "a model with an adapter beside its weights",
    instead: "merge the adapter into its base model first (PEFT: merge_and_unload), and pick the result",
    tensors: adapters,
  };
}

function packedWeights({ tensors, config }: Checkpoint): Finding | null {
  const quantization = config?.quantization ?? null;
  const method = quantization?.method ?? "";
  const suspects = tensors.filter(isPacked);
  if (suspects.length === 0) return null;
  const packing =
    packings.find(({ methods }) => methods.includes(method)) ??
    packings.find(({ tensor, sign = tensor }) => suspects.some(({ name }) => sign.test(name)));
  const packed = tensors.filter(isPackedWeight).map(({ name }) => name);
  if (packing !== undefined) {
    const named = tensors.filter(({ name }) => packing.tensor.test(name)).map(({ name }) => name);
    // What a config says and no tensor shows was dequantised since: the tools leave the config behind.
    if (named.length === 0 && packed.length === 0) return null;
    const bits = bitsOf(quantization, tensors);
    const name = `${bits === null ? "" : `${bits}-bit `}${packing.name} model`;
    const what = `${/^(?:A|EETQ|HQQ|MX|8)/.test(name) ? "an" : "a"} ${name}`;
    return { code: "quantized-packed", what, instead: unquantised, tensors: named.length > 0 ? named : packed };
  }
  if (packed.length === 0) return null;
  const what = `a quantised model (${describeMethod(quantization, packed.length)})`;
  return { code: "quantized-packed", what, instead: unquantised, tensors: packed };
}

function describeMethod(quantization: QuantizationConfig | null, count: number): string {
  const words = [quantization?.method, quantization?.format].filter((word) => word != null);
  return [...words, `${count} integer ${count === 1 ? "weight" : "weights"}`].join(", ");
}

const plainFloats: ReadonlySet<string> = new Set(["BF16", "F16", "F32", "F64"]);

/** Not a plain float: what packed weights, scales and their state are stored in. Scales of packed ones may be floats. */
function isPacked({ dtype, name }: TensorEntry): boolean {
  return !plainFloats.has(dtype) || /(?:absmax|quant_map|SCB|codebooks|weight_scales|centroids\.weight)$/.test(name);
}

/** A matrix of integers (or of values narrower than a byte) under a weight's name. */
function isPackedWeight({ name, dtype, shape }: TensorEntry): boolean {
  return shape.length >= 2 && /(?:^|[._])weight$/.test(name) && /^(?:[IU]\d+|F4|F6_\w+)$/.test(dtype);
}

/** From the config, else from how many rows a packed matrix unpacks to; null where neither says. */
function bitsOf(quantization: QuantizationConfig | null, tensors: readonly TensorEntry[]): number | null {
  if (quantization?.bits != null) return quantization.bits;
  const named = (pattern: RegExp) => tensors.some(({ name }) => pattern.test(name));
  if (named(/\.quant_state\.bitsandbytes__(?:nf4|fp4)$/) || named(/_blocks$/)) return 4;
  return named(/\.SCB$/) ? 8 : null;
}
