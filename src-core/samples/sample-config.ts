import type { MergeableDtype } from "../checkpoint/dtype.ts";
import { asciiJson } from "./ascii-json.ts";
import { type SampleDescription, type SampleRole, vocabularySizeOf } from "./sample-options.ts";
import { beginId, endId } from "./sample-vocabulary.ts";

const torchNames: Readonly<Record<MergeableDtype, string>> = { F32: "float32", F16: "float16", BF16: "bfloat16" };

/** config.json: a Llama's, or a Mixtral's for a mixture of experts. */
export function configJson(description: SampleDescription, role: SampleRole): string {
  const { layers, hidden, intermediate, heads, keyValueHeads, headDimension, experts, tieWordEmbeddings } =
    description.architecture;
  const mixture = experts > 0 ? { num_local_experts: experts, num_experts_per_tok: Math.min(2, experts) } : {};
  return asciiJson({
    architectures: [experts > 0 ? "MixtralForCausalLM" : "LlamaForCausalLM"],
    attention_bias: false,
    attention_dropout: 0,
    bos_token_id: beginId,
    eos_token_id: endId,
    head_dim: headDimension,
    hidden_act: "silu",
    hidden_size: hidden,
    initializer_range: 0.02,
    intermediate_size: intermediate,
    max_position_embeddings: 2048,
    mlp_bias: false,
    model_type: experts > 0 ? "mixtral" : "llama",
    num_attention_heads: heads,
    num_hidden_layers: layers,
    num_key_value_heads: keyValueHeads,
    ...mixture,
    rms_norm_eps: 1e-5,
    rope_theta: 10_000,
    tie_word_embeddings: tieWordEmbeddings,
    torch_dtype: torchNames[description.dtypes[role]],
    use_cache: true,
    vocab_size: vocabularySizeOf(description, role),
  });
}
