import { describe, expect, test } from "vitest";
import { rejectionOf } from "../../test-support/failure-of.ts";
import type { Recipe } from "../recipe.ts";
import { scaleOfTensor } from "../scale.ts";
import { parseMergekit } from "./import-mergekit.ts";
import { type ExpectedVector, layerCount, mergekitCases } from "./mergekit-table.fixture.ts";

const accepted = mergekitCases.filter(({ vectors }) => vectors !== undefined);
const refused = mergekitCases.filter(({ refusal }) => refusal !== undefined);

function importCase({ yaml, knowsLayers }: (typeof mergekitCases)[number]) {
  return parseMergekit(yaml, "merge.yaml", knowsLayers === true ? { layerCount } : {});
}

/** λ as f32 for every tensor of the table's Llama. */
function scalesOf(vector: Recipe["vectors"][number]): ExpectedVector {
  const scale = (name: string, layer: number | null) => {
    const normalized = name.replace(/^model\./, "");
    return scaleOfTensor(vector, [name, normalized], layer, layerCount).scale;
  };
  const layers = (module: string) =>
    Array.from({ length: layerCount }, (_, layer) => scale(`model.layers.${layer}.${module}.weight`, layer));
  return {
    chat: vector.chat,
    base: vector.base,
    embed: scale("model.embed_tokens.weight", null),
    attention: layers("self_attn.q_proj"),
    mlp: layers("mlp.up_proj"),
    layerNorm: layers("input_layernorm"),
    finalNorm: scale("model.norm.weight", null),
    head: scale("lm_head.weight", null),
  };
}

function rounded({ chat, base, ...scales }: ExpectedVector): ExpectedVector {
  const f32 = Math.fround;
  return {
    chat,
    base,
    embed: f32(scales.embed),
    attention: scales.attention.map(f32),
    mlp: scales.mlp.map(f32),
    layerNorm: scales.layerNorm.map(f32),
    finalNorm: f32(scales.finalNorm),
    head: f32(scales.head),
  };
}

describe("a mergekit file", () => {
  test("of the table is one of at least 25", () => {
    expect(accepted.length).toBeGreaterThanOrEqual(25);
    expect(accepted.length + refused.length).toBe(mergekitCases.length);
  });

  test.each(accepted)("$name: gives every tensor mergekit's λ", (example) => {
    const { recipe } = importCase(example);
    expect(recipe.vectors.map(scalesOf)).toEqual(example.vectors?.map(rounded));
    if (example.recipe !== undefined) expect(recipe).toMatchObject(example.recipe);
  });

  test.each(accepted.filter(({ notes }) => notes !== undefined))("$name: says what differs, and no more", (example) => {
    const messages = importCase(example).notes.map(({ message }) => message);
    expect(messages).toEqual((example.notes ?? []).map((note) => expect.stringContaining(note)));
  });

  test.each(refused)("with $name is refused where it stands", async (example) => {
    const { code, where, message } = await rejectionOf(() => importCase(example));
    expect({ code, where }).toEqual({ code: example.refusal?.code, where: example.refusal?.where });
    for (const part of example.refusal?.says ?? []) expect(message).toContain(part);
  });
});
