import type { Checkpoint, TensorEntry } from "../checkpoint/checkpoint.ts";
import { type Dtype, dtypeBits } from "../checkpoint/dtype.ts";
import type { ModelConfig } from "../checkpoint/model-config.ts";

export interface TensorSketch {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype?: Dtype;
}

/** A checkpoint as headers would describe it, its tensors one after another in a single file. */
export function sketchCheckpoint(
  path: string,
  sketches: readonly TensorSketch[],
  config: Partial<ModelConfig> | null = null,
): Checkpoint {
  let byteOffset = 8;
  const tensors: TensorEntry[] = sketches.map(({ name, shape, dtype = "BF16" }) => {
    const byteLength = (shape.reduce((product, dimension) => product * dimension, 1) * dtypeBits[dtype]) / 8;
    const entry = { name, dtype, shape, file: 0, byteOffset, byteLength };
    byteOffset += byteLength;
    return entry;
  });
  return {
    path,
    format: "safetensors",
    files: [{ name: "model.safetensors", byteLength: byteOffset }],
    tensors,
    metadata: {},
    config: config === null ? null : { ...emptyConfig, ...config },
  };
}

const emptyConfig: ModelConfig = {
  architecture: null,
  modelType: null,
  textModelType: null,
  hiddenSize: null,
  layerCount: null,
  vocabularySize: null,
  tieWordEmbeddings: null,
  torchDtype: null,
  nameOrPath: null,
  quantization: null,
};

/** A Llama of two layers; `rows` are its tokens. */
export function sketchLlama(
  path: string,
  { rows = 32, tied = false, dtype = "BF16" as Dtype, prefix = "model." } = {},
): Checkpoint {
  const layer = (index: number): TensorSketch[] =>
    [
      ["self_attn.q_proj.weight", [8, 8]],
      ["mlp.down_proj.weight", [8, 24]],
      ["input_layernorm.weight", [8]],
    ].map(([name, shape]) => ({ name: `${prefix}layers.${index}.${name}`, shape: shape as number[], dtype }));
  return sketchCheckpoint(
    path,
    [
      { name: `${prefix}embed_tokens.weight`, shape: [rows, 8], dtype },
      ...layer(0),
      ...layer(1),
      { name: `${prefix}norm.weight`, shape: [8], dtype },
      ...(tied ? [] : [{ name: "lm_head.weight", shape: [rows, 8], dtype }]),
    ],
    {
      architecture: "LlamaForCausalLM",
      modelType: "llama",
      hiddenSize: 8,
      layerCount: 2,
      vocabularySize: rows,
      tieWordEmbeddings: tied,
    },
  );
}
