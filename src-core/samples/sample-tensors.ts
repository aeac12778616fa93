import type { SampleArchitecture } from "./sample-architecture.ts";

/** What a tensor is in the network: decides how large the deltas are in it. */
export type SampleModule =
  | "embedding"
  | "query"
  | "key"
  | "value"
  | "attention-output"
  | "gate"
  | "up"
  | "down"
  | "router"
  | "input-norm"
  | "post-attention-norm"
  | "final-norm"
  | "head";

export interface SampleTensor {
  readonly name: string;
  readonly shape: readonly [rows: number, columns: number] | readonly [columns: number];
  readonly module: SampleModule;
  /** 0 at the first layer, 1 at the last; 0.5 outside the layers. */
  readonly depth: number;
}

/** Every tensor of a model in the order of the network, named as the usual tools name a Llama's (or a Mixtral's). */
export function sampleTensors(architecture: SampleArchitecture, vocabulary: number): SampleTensor[] {
  const { layers, hidden, tieWordEmbeddings } = architecture;
  const tensors: SampleTensor[] = [
    { name: "model.embed_tokens.weight", shape: [vocabulary, hidden], module: "embedding", depth: 0.5 },
  ];
  for (let layer = 0; layer < layers; layer++) tensors.push(...layerTensors(architecture, layer));
  tensors.push({ name: "model.norm.weight", shape: [hidden], module: "final-norm", depth: 0.5 });
  if (!tieWordEmbeddings) {
    tensors.push({ name: "lm_head.weight", shape: [vocabulary, hidden], module: "head", depth: 0.5 });
  }
  return tensors;
}

function layerTensors(architecture: SampleArchitecture, layer: number): SampleTensor[] {
  const { layers, hidden, keyValueHeads, headDimension } = architecture;
  const keyValue = keyValueHeads * headDimension;
  const depth = layers === 1 ? 0.5 : layer / (layers - 1);
  const tensor = (name: string, module: SampleModule, shape: SampleTensor["shape"]): SampleTensor => {
    return { name: `model.layers.${layer}.${name}.weight`, shape, module, depth };
  };
  return [
    tensor("input_layernorm", "input-norm", [hidden]),
    tensor("self_attn.q_proj", "query", [hidden, hidden]),
    tensor("self_attn.k_proj", "key", [keyValue, hidden]),
    tensor("self_attn.v_proj", "value", [keyValue, hidden]),
    tensor("self_attn.o_proj", "attention-output", [hidden, hidden]),
    tensor("post_attention_layernorm", "post-attention-norm", [hidden]),
    ...mlpTensors(architecture, tensor),
  ];
}

function mlpTensors(
  { hidden, intermediate, experts }: SampleArchitecture,
  tensor: (name: string, module: SampleModule, shape: SampleTensor["shape"]) => SampleTensor,
): SampleTensor[] {
  const block = (gate: string, up: string, down: string) => [
    tensor(gate, "gate", [intermediate, hidden]),
    tensor(up, "up", [intermediate, hidden]),
    tensor(down, "down", [hidden, intermediate]),
  ];
  if (experts === 0) return block("mlp.gate_proj", "mlp.up_proj", "mlp.down_proj");
  const tensors = [tensor("block_sparse_moe.gate", "router", [experts, hidden])];
  for (let expert = 0; expert < experts; expert++) {
    const prefix = `block_sparse_moe.experts.${expert}`;
    tensors.push(...block(`${prefix}.w1`, `${prefix}.w3`, `${prefix}.w2`));
  }
  return tensors;
}
