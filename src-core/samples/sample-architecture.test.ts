import { describe, expect, test } from "vitest";
import { elementCount } from "../checkpoint/checkpoint.ts";
import { parseParameterCount } from "./parameter-count.ts";
import { type ArchitectureWish, chooseArchitecture, parameterCountOf } from "./sample-architecture.ts";
import { sampleTensors } from "./sample-tensors.ts";

const usageError = expect.objectContaining({ failure: expect.objectContaining({ code: "usage" }) });

function countOfTensors(wish: ArchitectureWish): number {
  const architecture = chooseArchitecture(wish);
  const tensors = sampleTensors(architecture, architecture.vocabulary);
  return tensors.reduce((sum, { shape }) => sum + elementCount(shape), 0);
}

describe("a parameter count", () => {
  test.each([
    ["1.1B", 1_100_000_000],
    ["350M", 350_000_000],
    ["70b", 70_000_000_000],
    ["125 k", 125_000],
    ["1000000", 1_000_000],
    ["0.5G", 500_000_000],
    ["1T", 1e12],
  ])("%j is read as %d", (text, count) => {
    expect(parseParameterCount(text)).toBe(count);
  });

  test.each(["", "B", "1,1B", "-1B", "1e9", "1.B", "1.1BB", "Infinity", "NaN", "99999", "0", "11T"])(
    "%j is refused",
    (text) => {
      expect(() => parseParameterCount(text)).toThrow(usageError);
    },
  );
});

describe("an architecture", () => {
  test("of 1.1B is TinyLlama's", () => {
    const architecture = chooseArchitecture({ parameters: 1.1e9 });
    expect(architecture).toMatchObject({ layers: 22, hidden: 2048, intermediate: 5632, heads: 32, keyValueHeads: 4 });
    expect(architecture).toMatchObject({ vocabulary: 32_000, headDimension: 64, experts: 0, tieWordEmbeddings: false });
    expect(parameterCountOf(architecture)).toBe(1_100_048_384);
  });

  test.each([
    1e5, 2e5, 3e5, 5e5, 1e6, 2e6, 5e6, 1e7, 3.5e7, 1e8, 1.35e8, 3.5e8, 5e8, 1.1e9, 3e9, 7e9, 8e9, 13e9, 34e9, 70e9,
    405e9, 1e13,
  ])("for %d parameters has tensors of that many within 2 %", (parameters) => {
    const architecture = chooseArchitecture({ parameters });
    const counted = countOfTensors({ parameters });
    expect(Math.abs(counted / parameters - 1)).toBeLessThan(0.02);
    expect(parameterCountOf(architecture)).toBe(counted);
    expect(architecture.heads * architecture.headDimension).toBe(architecture.hidden);
    expect(architecture.heads % architecture.keyValueHeads).toBe(0);
  });

  test.each<ArchitectureWish>([
    { parameters: 1e6, layers: 1 },
    { parameters: 1e6, layers: 32 },
    { parameters: 1e6, layers: 126 },
    { parameters: 405e9, layers: 126, vocabulary: 128_256 },
    { parameters: 5e6, vocabulary: 32_000 },
    { parameters: 1e6, tieWordEmbeddings: true },
    { parameters: 1e6, experts: 8 },
    { parameters: 46.7e9, experts: 8, layers: 32 },
  ])("keeps what %o asks for", (wish) => {
    const { parameters, ...wished } = wish;
    expect(chooseArchitecture(wish)).toMatchObject(wished);
    expect(Math.abs(countOfTensors(wish) / parameters - 1)).toBeLessThan(0.02);
  });

  test("that cannot be is refused", () => {
    expect(() => chooseArchitecture({ parameters: 1e5, layers: 126 })).toThrow(usageError);
    expect(() => chooseArchitecture({ parameters: 1e6, vocabulary: 100_000 })).toThrow(usageError);
    expect(() => chooseArchitecture({ parameters: Number.NaN })).toThrow(usageError);
  });
});

describe("tensors", () => {
  const small = chooseArchitecture({ parameters: 1e6, layers: 2 });

  test("have a Llama's names and shapes", () => {
    const { hidden, intermediate, keyValueHeads, headDimension, vocabulary } = small;
    const tensors = new Map(sampleTensors(small, vocabulary).map(({ name, shape }) => [name, shape]));
    expect(tensors.size).toBe(3 + 2 * 9);
    expect(tensors.get("model.embed_tokens.weight")).toEqual([vocabulary, hidden]);
    expect(tensors.get("model.layers.1.input_layernorm.weight")).toEqual([hidden]);
    expect(tensors.get("model.layers.1.post_attention_layernorm.weight")).toEqual([hidden]);
    expect(tensors.get("model.layers.0.self_attn.q_proj.weight")).toEqual([hidden, hidden]);
    expect(tensors.get("model.layers.0.self_attn.k_proj.weight")).toEqual([keyValueHeads * headDimension, hidden]);
    expect(tensors.get("model.layers.0.self_attn.v_proj.weight")).toEqual([keyValueHeads * headDimension, hidden]);
    expect(tensors.get("model.layers.0.self_attn.o_proj.weight")).toEqual([hidden, hidden]);
    expect(tensors.get("model.layers.1.mlp.gate_proj.weight")).toEqual([intermediate, hidden]);
    expect(tensors.get("model.layers.1.mlp.up_proj.weight")).toEqual([intermediate, hidden]);
    expect(tensors.get("model.layers.1.mlp.down_proj.weight")).toEqual([hidden, intermediate]);
    expect(tensors.get("model.norm.weight")).toEqual([hidden]);
    expect(tensors.get("lm_head.weight")).toEqual([vocabulary, hidden]);
  });

  test("of a tied model have no head, and of a mixture a router and experts", () => {
    const tied = sampleTensors({ ...small, tieWordEmbeddings: true }, small.vocabulary);
    expect(tied.map(({ name }) => name)).not.toContain("lm_head.weight");
    const mixture = new Map(sampleTensors({ ...small, experts: 4 }, 1024).map(({ name, shape }) => [name, shape]));
    expect(mixture.get("model.layers.0.block_sparse_moe.gate.weight")).toEqual([4, small.hidden]);
    expect(mixture.get("model.layers.1.block_sparse_moe.experts.3.w1.weight")).toEqual([
      small.intermediate,
      small.hidden,
    ]);
    expect(mixture.get("model.layers.1.block_sparse_moe.experts.3.w2.weight")).toEqual([
      small.hidden,
      small.intermediate,
    ]);
    expect(mixture.get("model.layers.1.block_sparse_moe.experts.3.w3.weight")).toEqual([
      small.intermediate,
      small.hidden,
    ]);
    expect([...mixture.keys()].filter((name) => name.includes("mlp"))).toEqual([]);
  });
});
