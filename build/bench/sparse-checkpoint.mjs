import { closeSync, ftruncateSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";

/**
 * @typedef {object} Shape of a Llama-like model, or a mixture of experts
 * @property {number} layers
 * @property {number} hidden
 * @property {number} feedForward
 * @property {number} keyValue width of keys and of values
 * @property {number} vocabulary
 * @property {number} experts 0 for none
 * @property {number} shards
 */

/** Models of these sizes, as published ones are made. @type {Readonly<Record<string, Shape>>} */
export const shapes = {
  "70B": { layers: 80, hidden: 8192, feedForward: 28_672, keyValue: 1024, vocabulary: 32_000, experts: 0, shards: 30 },
  "405B": {
    layers: 126,
    hidden: 16_384,
    feedForward: 53_248,
    keyValue: 1024,
    vocabulary: 128_256,
    experts: 0,
    shards: 191,
  },
  "1T": {
    layers: 61,
    hidden: 7168,
    feedForward: 2048,
    keyValue: 1024,
    vocabulary: 163_840,
    experts: 384,
    shards: 180,
  },
};

/**
 * A checkpoint in bf16 whose files have their full sizes and take no room: headers, and holes where the weights are (which read as zeros).
 * The file system must know sparse files.
 * @param {string} folder is made
 * @param {Shape} shape
 * @returns {{ parameters: number, bytes: number, tensors: number }}
 */
export function writeSparseCheckpoint(folder, shape) {
  mkdirSync(folder, { recursive: true });
  const tensors = tensorsOf(shape);
  const bytes = tensors.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const shards = cutInShards(tensors, Math.ceil(bytes / shape.shards));
  /** @type {Record<string, string>} */
  const weightMap = {};
  shards.forEach((shard, index) => {
    const name = `model-${count(index + 1)}-of-${count(shards.length)}.safetensors`;
    for (const tensor of shard) weightMap[tensor.name] = name;
    writeSparseFile(join(folder, name), shard);
  });
  const write = (/** @type {string} */ name, /** @type {unknown} */ value) =>
    writeFileSync(join(folder, name), JSON.stringify(value));
  write("model.safetensors.index.json", { metadata: { total_size: bytes }, weight_map: weightMap });
  write("config.json", configOf(shape));
  return { parameters: bytes / 2, bytes, tensors: tensors.length };
}

/** @param {Shape} shape */
function configOf({ layers, hidden, feedForward, vocabulary, experts }) {
  return {
    architectures: [experts > 0 ? "MixtralForCausalLM" : "LlamaForCausalLM"],
    model_type: experts > 0 ? "mixtral" : "llama",
    hidden_size: hidden,
    intermediate_size: feedForward,
    num_hidden_layers: layers,
    vocab_size: vocabulary,
    ...(experts > 0 ? { num_local_experts: experts } : {}),
    tie_word_embeddings: false,
    torch_dtype: "bfloat16",
  };
}

/**
 * @typedef {{ name: string, shape: number[], byteLength: number }} SparseTensor
 * @param {Shape} shape
 * @returns {SparseTensor[]}
 */
function tensorsOf({ layers, hidden, feedForward, keyValue, vocabulary, experts }) {
  const tensor = (/** @type {string} */ name, /** @type {number[]} */ ...shape) => ({
    name,
    shape,
    byteLength: 2 * shape.reduce((product, dimension) => product * dimension, 1),
  });
  const layer = (/** @type {number} */ index) => {
    const at = `model.layers.${index}`;
    const feedForwards = experts > 0 ? expertsOf(at) : denseOf(`${at}.mlp`, ["gate_proj", "up_proj", "down_proj"]);
    return [
      tensor(`${at}.input_layernorm.weight`, hidden),
      tensor(`${at}.self_attn.q_proj.weight`, hidden, hidden),
      tensor(`${at}.self_attn.k_proj.weight`, keyValue, hidden),
      tensor(`${at}.self_attn.v_proj.weight`, keyValue, hidden),
      tensor(`${at}.self_attn.o_proj.weight`, hidden, hidden),
      tensor(`${at}.post_attention_layernorm.weight`, hidden),
      ...feedForwards,
    ];
  };
  const denseOf = (/** @type {string} */ at, /** @type {string[]} */ [gate = "", up = "", down = ""]) => [
    tensor(`${at}.${gate}.weight`, feedForward, hidden),
    tensor(`${at}.${up}.weight`, feedForward, hidden),
    tensor(`${at}.${down}.weight`, hidden, feedForward),
  ];
  const expertsOf = (/** @type {string} */ at) => [
    tensor(`${at}.block_sparse_moe.gate.weight`, experts, hidden),
    ...Array.from({ length: experts }, (_, expert) =>
      denseOf(`${at}.block_sparse_moe.experts.${expert}`, ["w1", "w3", "w2"]),
    ).flat(),
  ];
  return [
    tensor("model.embed_tokens.weight", vocabulary, hidden),
    ...Array.from({ length: layers }, (_, index) => layer(index)).flat(),
    tensor("model.norm.weight", hidden),
    tensor("lm_head.weight", vocabulary, hidden),
  ];
}

/**
 * @param {readonly SparseTensor[]} tensors
 * @param {number} shardBytes
 */
function cutInShards(tensors, shardBytes) {
  /** @type {SparseTensor[][]} */
  const shards = [[]];
  let filled = 0;
  for (const tensor of tensors) {
    if (filled > 0 && filled + tensor.byteLength > shardBytes) {
      shards.push([]);
      filled = 0;
    }
    shards.at(-1)?.push(tensor);
    filled += tensor.byteLength;
  }
  return shards;
}

/**
 * @param {string} path
 * @param {readonly SparseTensor[]} tensors
 */
function writeSparseFile(path, tensors) {
  let end = 0;
  /** @type {Record<string, unknown>} */
  const header = { __metadata__: { format: "pt" } };
  for (const { name, shape, byteLength } of tensors) {
    header[name] = { dtype: "BF16", shape, data_offsets: [end, end + byteLength] };
    end += byteLength;
  }
  const json = Buffer.from(JSON.stringify(header));
  const headerBytes = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, " ");
  headerBytes.writeBigUInt64LE(BigInt(headerBytes.length - 8));
  json.copy(headerBytes, 8);
  const descriptor = openSync(path, "w");
  writeSync(descriptor, headerBytes);
  ftruncateSync(descriptor, headerBytes.length + end);
  closeSync(descriptor);
}

/** @param {number} index */
function count(index) {
  return String(index).padStart(5, "0");
}
