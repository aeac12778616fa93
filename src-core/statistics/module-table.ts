/** Families of modules that are drawn, and averaged, together; in this order from top to bottom. */
export const moduleGroups = ["attention", "mlp", "norms", "other"] as const;
export type ModuleGroup = (typeof moduleGroups)[number];

export interface ModuleDescription {
  readonly group: ModuleGroup;
  /** As people say it: "q_proj", "input norm". */
  readonly label: string;
  /** Where it stands in its group, in the network's own order; what the table does not know comes last. */
  readonly rank: number;
}

type Entry = readonly [group: ModuleGroup, pattern: RegExp, label: string];

const attention = "(?:self_attn|attn|attention|self_attention)";
const mlp = "(?:mlp|feed_forward|ffn|block_sparse_moe)";

/** A module's whole name inside its layer, without ".weight" and ".bias"; an expert's number is "*". */
const whole = (...parts: readonly string[]) => new RegExp(`^(?:${parts.join("|")})$`);

/**
 * The modules of the architectures that people merge (Llama, Mistral, Qwen, Gemma, Phi, GPT-NeoX, GPT-2, GPT-J, OPT, MPT, Falcon,
 * BLOOM, BERT, DeepSeek, Mixtral, gpt-oss), in the order in which a token meets them. `$1` is the pattern's first group.
 */
const table: readonly Entry[] = [
  ["attention", whole(`${attention}\\.query_key_value`), "qkv"],
  ["attention", whole(`${attention}\\.(qkv_proj|Wqkv|wqkv|c_attn|qkv)`), "$1"],
  ["attention", whole(`${attention}\\.(q_proj|wq|q_a_proj)`), "$1"],
  ["attention", whole(`${attention}\\.(q_b_proj)`), "$1"],
  ["attention", whole(`${attention}\\.self\\.(query)`), "$1"],
  ["attention", whole(`${attention}\\.(k_proj|wk)`), "$1"],
  ["attention", whole(`${attention}\\.self\\.(key)`), "$1"],
  ["attention", whole(`${attention}\\.kv_a_proj_with_mqa`), "kv_a_proj"],
  ["attention", whole(`${attention}\\.(kv_b_proj)`), "$1"],
  ["attention", whole(`${attention}\\.(v_proj|wv)`), "$1"],
  ["attention", whole(`${attention}\\.self\\.(value)`), "$1"],
  ["attention", whole(`${attention}\\.(sinks)`), "$1"],
  ["attention", whole(`${attention}\\.(o_proj|wo|out_proj)`), "$1"],
  ["attention", whole(`${attention}\\.(c_proj|dense)`), "attn $1"],
  ["attention", whole(`${attention}\\.output\\.dense`), "attn output"],

  ["mlp", whole(`${mlp}\\.w1`), "gate (w1)"],
  ["mlp", whole(`${mlp}\\.w3`), "up (w3)"],
  ["mlp", whole(`${mlp}\\.w2`), "down (w2)"],
  ["mlp", whole(`${mlp}\\.(gate_up_proj|gate_proj)`), "$1"],
  ["mlp", whole(`${mlp}\\.(up_proj|c_fc|fc1|fc_in)`, "(fc1)"), "$1"],
  ["mlp", whole(`${mlp}\\.dense_(h_to_4h)`), "$1"],
  ["mlp", whole("(intermediate)\\.dense"), "$1"],
  ["mlp", whole(`${mlp}\\.(down_proj|fc2|fc_out)`, "(fc2)"), "$1"],
  ["mlp", whole(`${mlp}\\.(c_proj)`), "mlp $1"],
  ["mlp", whole(`${mlp}\\.dense_(4h_to_h)`), "$1"],
  ["mlp", whole("(output)\\.dense"), "$1"],
  ["mlp", whole(`${mlp}\\.(?:gate|router)(?:\\.layer)?`), "router"],
  ["mlp", whole(`${mlp}\\.(?:gate|router)\\.e_score_correction`), "router score"],
  ["mlp", whole(`${mlp}\\.experts\\.\\*\\.w1`), "gate (w1)"],
  ["mlp", whole(`${mlp}\\.experts\\.\\*\\.w3`), "up (w3)"],
  ["mlp", whole(`${mlp}\\.experts\\.\\*\\.w2`), "down (w2)"],
  ["mlp", whole(`${mlp}\\.experts\\.\\*\\.(gate_up_proj|gate_proj)`), "$1"],
  ["mlp", whole(`${mlp}\\.experts\\.\\*\\.(up_proj)`), "$1"],
  ["mlp", whole(`${mlp}\\.experts\\.\\*\\.(down_proj)`), "$1"],
  ["mlp", whole(`${mlp}\\.experts\\.(gate_up|gate|up)_proj`), "experts $1"],
  ["mlp", whole(`${mlp}\\.experts\\.(down)_proj`), "experts $1"],
  ["mlp", whole(`${mlp}\\.shared_expert_gate`), "shared router"],
  ["mlp", whole(`${mlp}\\.shared_experts?\\.(gate)_proj`), "shared $1"],
  ["mlp", whole(`${mlp}\\.shared_experts?\\.(up)_proj`), "shared $1"],
  ["mlp", whole(`${mlp}\\.shared_experts?\\.(down)_proj`), "shared $1"],

  ["norms", whole("input_layernorm"), "input norm"],
  ["norms", whole("attention_norm", "self_attn_layer_norm"), "attn norm"],
  ["norms", whole("(ln_1|norm_1|ln_attn)", "norm_attn_norm\\.(norm_1)"), "$1"],
  ["norms", whole(`${attention}\\.(q_a|q|kv_a|k)_(?:layer)?norm`), "$1 norm"],
  ["norms", whole(`${attention}\\.output\\.LayerNorm`), "attn norm"],
  ["norms", whole("post_self_attn_layernorm"), "self-attn norm"],
  ["norms", whole("post_attention_layernorm"), "post-attn norm"],
  ["norms", whole("pre_feedforward_layernorm"), "pre-ffw norm"],
  ["norms", whole("ffn_norm"), "ffn norm"],
  ["norms", whole("(ln_2|norm_2|ln_mlp)", "norm_attn_norm\\.(norm_2)"), "$1"],
  ["norms", whole("post_feedforward_layernorm"), "post-ffw norm"],
  ["norms", whole("post_mlp_layernorm"), "post-mlp norm"],
  ["norms", whole("final_layer_norm"), "final norm"],
  ["norms", whole("output\\.LayerNorm"), "output norm"],

  // Buffers that older files carry among the weights.
  ["other", whole(attention), "causal mask"],
  ["other", whole(`${attention}\\.masked`), "mask value"],
  ["other", whole(`${attention}\\.rotary_emb\\.(inv_freq)`), "$1"],
];

/** For names that the table lacks: the family that a part of the name tells. Norms first, since attention has some of its own. */
const families: readonly (readonly [ModuleGroup, RegExp])[] = [
  ["norms", /(?:^|[._])(?:\w*norm\w*|ln|ln_\w+|\w+_ln)(?:$|\.)/i],
  ["attention", /attn|attention/i],
  ["mlp", /(?:^|[._])(?:mlp|ffn|feed_forward|fc\d?|moe|experts?|router)(?:$|[._])/i],
];

/** What a module inside a layer is, from its name without parameter: "self_attn.q_proj", "mlp.experts.*.up_proj". */
export function describeModule(stem: string): ModuleDescription {
  for (const [rank, [group, pattern, label]] of table.entries()) {
    const match = pattern.exec(stem);
    if (match === null) continue;
    const said = match.slice(1).find((part) => part !== undefined);
    return { group, label: label.replace("$1", said ?? ""), rank };
  }
  const group = families.find(([, pattern]) => pattern.test(stem))?.[0] ?? "other";
  return { group, label: stem.split(".").at(-1) ?? stem, rank: table.length };
}
