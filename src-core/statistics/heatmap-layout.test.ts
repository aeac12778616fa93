import { describe, expect, it, test } from "vitest";
import { placeOfTensor } from "../plan/tensor-names.ts";
import { type HeatmapLayout, layOutHeatmap, visibleRows } from "./heatmap-layout.ts";

const lay = (names: readonly string[]) => layOutHeatmap(names.map((name) => ({ name, ...placeOfTensor(name) })));
const layers = (count: number, prefix: string, modules: readonly string[]) =>
  Array.from({ length: count }, (_, layer) => modules.map((module) => `${prefix}.${layer}.${module}`)).flat();
const withBias = (modules: readonly string[]) => modules.flatMap((module) => [`${module}.weight`, `${module}.bias`]);
const weights = (modules: readonly string[]) => modules.map((module) => `${module}.weight`);
/** "attention: q_proj, k_proj / mlp: …" */
const shown = ({ rows }: HeatmapLayout) =>
  [...new Set(rows.map(({ group }) => group))]
    .map((group) => {
      const labels = rows.filter((row) => row.group === group).map((row) => label(row));
      return `${group}: ${labels.join(", ")}`;
    })
    .join(" / ");
const label = (row: { label: string; expertCount: number; children: readonly { label: string }[] }) =>
  row.label +
  (row.expertCount > 0
    ? ` ×${row.expertCount}`
    : row.children.length > 0
      ? ` +${row.children.map((child) => child.label).join("+")}`
      : "");
const outside = ({ before, after }: HeatmapLayout) =>
  `${before.map((bar) => bar.label).join(", ")} | ${after.map((bar) => bar.label).join(", ")}`;

const llamaLayer = weights([
  "input_layernorm",
  "mlp.down_proj",
  "mlp.gate_proj",
  "mlp.up_proj",
  "post_attention_layernorm",
  "self_attn.k_proj",
  "self_attn.o_proj",
  "self_attn.q_proj",
  "self_attn.v_proj",
]);
const llamaRows =
  "attention: q_proj, k_proj, v_proj, o_proj / mlp: gate_proj, up_proj, down_proj / norms: input norm, post-attn norm";
const llamaOutside = ["model.embed_tokens.weight", "model.norm.weight", "lm_head.weight"];

interface Family {
  readonly family: string;
  readonly names: readonly string[];
  readonly rows: string;
  readonly outside: string;
}

const table: readonly Family[] = [
  {
    family: "Llama, Mistral",
    names: [...llamaOutside, ...layers(2, "model.layers", llamaLayer)],
    rows: llamaRows,
    outside: "embed | norm, head",
  },
  {
    family: "Llama in Meta's own names",
    names: [
      ...weights(["tok_embeddings", "norm", "output"]),
      ...layers(2, "layers", weights(["attention.wq", "attention.wk", "attention.wv", "attention.wo"])),
      ...layers(2, "layers", weights(["feed_forward.w1", "feed_forward.w2", "feed_forward.w3"])),
      ...layers(2, "layers", weights(["attention_norm", "ffn_norm"])),
    ],
    rows: "attention: wq, wk, wv, wo / mlp: gate (w1), up (w3), down (w2) / norms: attn norm, ffn norm",
    outside: "embed | norm, head",
  },
  {
    family: "Qwen2 (biases at q, k, v)",
    names: [
      ...llamaOutside,
      ...layers(2, "model.layers", [
        ...llamaLayer,
        ...["q", "k", "v"].map((letter) => `self_attn.${letter}_proj.bias`),
      ]),
    ],
    rows: llamaRows.replace("q_proj, k_proj, v_proj", "q_proj +bias, k_proj +bias, v_proj +bias"),
    outside: "embed | norm, head",
  },
  {
    family: "Qwen3",
    names: [
      ...llamaOutside,
      ...layers(2, "model.layers", [...llamaLayer, "self_attn.q_norm.weight", "self_attn.k_norm.weight"]),
    ],
    rows: llamaRows.replace("input norm,", "input norm, q norm, k norm,"),
    outside: "embed | norm, head",
  },
  {
    family: "Gemma 2 (tied head)",
    names: [
      "model.embed_tokens.weight",
      "model.norm.weight",
      ...layers(2, "model.layers", [
        ...llamaLayer,
        ...weights(["pre_feedforward_layernorm", "post_feedforward_layernorm"]),
      ]),
    ],
    rows: `${llamaRows}, pre-ffw norm, post-ffw norm`,
    outside: "embed | norm",
  },
  {
    family: "Gemma 3 beside a vision tower",
    names: [
      "language_model.model.embed_tokens.weight",
      "language_model.model.norm.weight",
      ...layers(2, "language_model.model.layers", llamaLayer),
      ...layers(2, "vision_tower.vision_model.encoder.layers", withBias(["self_attn.q_proj", "mlp.fc1"])),
    ],
    rows: llamaRows,
    outside: "embed | norm",
  },
  {
    family: "Phi-3",
    names: [
      ...llamaOutside,
      ...layers(
        2,
        "model.layers",
        weights([
          "self_attn.qkv_proj",
          "self_attn.o_proj",
          "mlp.gate_up_proj",
          "mlp.down_proj",
          "input_layernorm",
          "post_attention_layernorm",
        ]),
      ),
    ],
    rows: "attention: qkv_proj, o_proj / mlp: gate_up_proj, down_proj / norms: input norm, post-attn norm",
    outside: "embed | norm, head",
  },
  {
    family: "Phi-2",
    names: [
      "model.embed_tokens.weight",
      ...withBias(["model.final_layernorm", "lm_head"]),
      ...layers(
        2,
        "model.layers",
        withBias([
          "self_attn.q_proj",
          "self_attn.k_proj",
          "self_attn.v_proj",
          "self_attn.dense",
          "mlp.fc1",
          "mlp.fc2",
          "input_layernorm",
        ]),
      ),
    ],
    rows: "attention: q_proj +bias, k_proj +bias, v_proj +bias, attn dense +bias / mlp: fc1 +bias, fc2 +bias / norms: input norm +bias",
    outside: "embed | norm, head",
  },
  {
    family: "GPT-NeoX",
    names: [
      "gpt_neox.embed_in.weight",
      "embed_out.weight",
      ...withBias(["gpt_neox.final_layer_norm"]),
      ...layers(2, "gpt_neox.layers", [
        ...withBias([
          "input_layernorm",
          "post_attention_layernorm",
          "attention.query_key_value",
          "attention.dense",
          "mlp.dense_h_to_4h",
          "mlp.dense_4h_to_h",
        ]),
        "attention.bias",
        "attention.masked_bias",
        "attention.rotary_emb.inv_freq",
      ]),
    ],
    rows: "attention: qkv +bias, attn dense +bias / mlp: h_to_4h +bias, 4h_to_h +bias / norms: input norm +bias, post-attn norm +bias / other: causal mask, mask value, inv_freq",
    outside: "embed | norm, head",
  },
  {
    family: "GPT-2",
    names: [
      "wte.weight",
      "wpe.weight",
      ...withBias(["ln_f"]),
      ...layers(2, "h", [
        ...withBias(["ln_1", "attn.c_attn", "attn.c_proj", "ln_2", "mlp.c_fc", "mlp.c_proj"]),
        "attn.bias",
      ]),
    ],
    rows: "attention: c_attn +bias, attn c_proj +bias / mlp: c_fc +bias, mlp c_proj +bias / norms: ln_1 +bias, ln_2 +bias / other: causal mask",
    outside: "embed, position | norm",
  },
  {
    family: "BERT",
    names: [
      ...["word", "position", "token_type"].map((kind) => `bert.embeddings.${kind}_embeddings.weight`),
      ...withBias(["bert.embeddings.LayerNorm", "bert.pooler.dense", "cls.predictions.transform.dense"]),
      ...layers(
        2,
        "bert.encoder.layer",
        withBias([
          "attention.self.query",
          "attention.self.key",
          "attention.self.value",
          "attention.output.dense",
          "attention.output.LayerNorm",
          "intermediate.dense",
          "output.dense",
          "output.LayerNorm",
        ]),
      ),
    ],
    rows: "attention: query +bias, key +bias, value +bias, attn output +bias / mlp: intermediate +bias, output +bias / norms: attn norm +bias, output norm +bias",
    outside: "embed, position, type, embed norm | pooler, head",
  },
  {
    family: "OPT",
    names: [
      "model.decoder.embed_tokens.weight",
      "model.decoder.embed_positions.weight",
      ...withBias(["model.decoder.final_layer_norm"]),
      ...layers(
        2,
        "model.decoder.layers",
        withBias(["self_attn.q_proj", "self_attn.out_proj", "self_attn_layer_norm", "fc1", "fc2", "final_layer_norm"]),
      ),
    ],
    rows: "attention: q_proj +bias, out_proj +bias / mlp: fc1 +bias, fc2 +bias / norms: attn norm +bias, final norm +bias",
    outside: "embed, position | norm",
  },
  {
    family: "Falcon",
    names: [
      "transformer.word_embeddings.weight",
      ...withBias(["transformer.ln_f"]),
      ...layers(2, "transformer.h", [
        ...weights([
          "self_attention.query_key_value",
          "self_attention.dense",
          "mlp.dense_h_to_4h",
          "mlp.dense_4h_to_h",
        ]),
        ...withBias(["ln_attn", "ln_mlp"]),
      ]),
    ],
    rows: "attention: qkv, attn dense / mlp: h_to_4h, 4h_to_h / norms: ln_attn +bias, ln_mlp +bias",
    outside: "embed | norm",
  },
  {
    family: "MPT",
    names: layers(
      2,
      "transformer.blocks",
      weights(["attn.Wqkv", "attn.out_proj", "ffn.up_proj", "ffn.down_proj", "norm_1", "norm_2"]),
    ),
    rows: "attention: Wqkv, out_proj / mlp: up_proj, down_proj / norms: norm_1, norm_2",
    outside: " | ",
  },
  {
    family: "Mixtral",
    names: [
      ...llamaOutside,
      ...layers(2, "model.layers", [
        ...llamaLayer.filter((name) => !name.startsWith("mlp")),
        "block_sparse_moe.gate.weight",
        ...layers(8, "block_sparse_moe.experts", weights(["w1", "w2", "w3"])),
      ]),
    ],
    rows: llamaRows.replace("gate_proj, up_proj, down_proj", "router, gate (w1) ×8, up (w3) ×8, down (w2) ×8"),
    outside: "embed | norm, head",
  },
  {
    family: "DeepSeek V3 (the first layer dense)",
    names: [
      ...llamaOutside,
      ...layers(1, "model.layers", weights(["mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"])),
      ...["self_attn.q_a_proj", "self_attn.q_a_layernorm", "self_attn.q_b_proj"].map(
        (module) => `model.layers.1.${module}.weight`,
      ),
      ...["self_attn.kv_a_proj_with_mqa", "self_attn.kv_a_layernorm", "self_attn.kv_b_proj", "self_attn.o_proj"].map(
        (module) => `model.layers.1.${module}.weight`,
      ),
      "model.layers.1.mlp.gate.weight",
      "model.layers.1.mlp.gate.e_score_correction_bias",
      ...layers(4, "model.layers.1.mlp.experts", weights(["gate_proj", "up_proj", "down_proj"])),
      ...["gate", "up", "down"].map((kind) => `model.layers.1.mlp.shared_experts.${kind}_proj.weight`),
    ],
    rows: "attention: q_a_proj, q_b_proj, kv_a_proj, kv_b_proj, o_proj / mlp: gate_proj, up_proj, down_proj, router, router score, gate_proj ×4, up_proj ×4, down_proj ×4, shared gate, shared up, shared down / norms: q_a norm, kv_a norm",
    outside: "embed | norm, head",
  },
  {
    family: "gpt-oss (fused experts)",
    names: layers(2, "model.layers", [
      "self_attn.sinks",
      ...withBias(["self_attn.q_proj", "mlp.router"]),
      "mlp.experts.gate_up_proj",
      "mlp.experts.gate_up_proj_bias",
      "mlp.experts.down_proj",
      "mlp.experts.down_proj_bias",
    ]),
    rows: "attention: q_proj +bias, sinks / mlp: router +bias, experts gate_up +bias, experts down +bias",
    outside: " | ",
  },
];

describe("the layout of known families", () => {
  test.each(table)("$family", ({ names, rows, outside: expected }) => {
    const layout = lay(names);
    expect(shown(layout)).toBe(rows);
    expect(outside(layout)).toBe(expected);
  });

  test.each(table)("$family: every tensor has exactly one place", ({ names }) => {
    const layout = lay(names);
    const inRow = (row: HeatmapLayout["rows"][number]): number[] => [
      ...row.cells.flat(),
      ...(row.expertCount > 0 ? [] : row.children.flatMap(inRow)),
    ];
    const bars = [...layout.before, ...layout.after].flatMap(({ tensors }) => tensors);
    const placed = [...layout.rows.flatMap(inRow), ...bars, ...layout.rest];
    expect(placed.sort((a, b) => a - b)).toEqual(names.map((_, index) => index));
    const inFamilies = layout.families.flatMap(({ cells }) => cells.flat());
    expect(inFamilies.sort((a, b) => a - b)).toEqual(layout.rows.flatMap(inRow).sort((a, b) => a - b));
  });
});

describe("a cell", () => {
  const names = [...llamaOutside, ...layers(3, "model.layers", llamaLayer)];
  const layout = lay(names);
  const row = (text: string) => layout.rows.find((candidate) => candidate.label === text);

  it("holds the tensor of its module and layer", () => {
    expect(row("down_proj")?.cells.map((cell) => cell.map((index) => names[index]))).toEqual([
      ["model.layers.0.mlp.down_proj.weight"],
      ["model.layers.1.mlp.down_proj.weight"],
      ["model.layers.2.mlp.down_proj.weight"],
    ]);
    expect(row("down_proj")?.title).toBe("mlp.down_proj");
  });

  it("is empty where a layer lacks the module", () => {
    const sparse = lay(["layers.0.mlp.up_proj.weight", "layers.2.mlp.up_proj.weight"]);
    expect(sparse.rows[0]?.cells.map((cell) => cell.length)).toEqual([1, 0, 1]);
  });
});

describe("experts", () => {
  const layout = lay(layers(2, "model.layers", layers(12, "mlp.experts", weights(["up_proj"]))));
  const [row] = layout.rows;

  it("are one row, taken together, that opens into one row per expert in numeric order", () => {
    expect(row?.cells.map((cell) => cell.length)).toEqual([12, 12]);
    expect(row?.children.map((child) => child.label)).toEqual(
      Array.from({ length: 12 }, (_, expert) => `expert ${expert}`),
    );
    expect(row?.children[10]?.cells.map((cell) => cell.length)).toEqual([1, 1]);
    expect(row?.children[10]?.title).toBe("mlp.experts.10.up_proj");
  });

  it("are visible when their row is open", () => {
    expect(visibleRows(layout, new Set()).length).toBe(1);
    expect(visibleRows(layout, new Set([row?.key ?? ""])).map(({ depth }) => depth)).toEqual([0, ...Array(12).fill(1)]);
  });
});

describe("names that nobody foresaw", () => {
  it("without layers make a plain table", () => {
    const names = ["conv1.weight", "conv1.bias", "fc1.weight", "norm.weight"];
    expect(lay(names)).toMatchObject({ layerCount: 0, rows: [], before: [], after: [], rest: [0, 1, 2, 3] });
  });

  it("inside layers get a row of their own, by what their name tells", () => {
    const layout = lay(layers(1, "layers", ["linear_attn.dt_bias", "linear_attn.conv1d.weight", "a.gain", "my_ffn.x"]));
    expect(shown(layout)).toBe("attention: dt bias, conv1d / mlp: x / other: gain");
  });

  it("that share a label are told apart", () => {
    const layout = lay(layers(1, "layers", weights(["cross_attn.to_q", "self_attn.to_q"])));
    expect(layout.rows.map((row) => row.label)).toEqual(["cross_attn.to_q", "self_attn.to_q"]);
  });

  it("of an encoder and a decoder do not share cells", () => {
    const module = "self_attn.q_proj.weight";
    const layout = lay([`model.encoder.layers.0.${module}`, `model.decoder.layers.0.${module}`]);
    expect(layout.rows.map((row) => row.label)).toEqual(["enc q_proj", "dec q_proj"]);
  });

  it("with an absurd layer are no column", () => {
    expect(lay(["layers.4000000000.mlp.up_proj.weight"])).toMatchObject({ layerCount: 0, rest: [0] });
  });
});
