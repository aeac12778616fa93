import fastCheck from "fast-check";
import { describe, expect, test } from "vitest";
import { elementCount } from "../checkpoint/checkpoint.ts";
import { bytesPerElement, mergeableDtypes } from "../checkpoint/dtype.ts";
import { decodeElement } from "../reference/decode.ts";
import { elementsOf, readBits } from "../reference/elements.ts";
import { encodeElement } from "../reference/encode.ts";
import { SampleBlock } from "./sample-kernel.ts";
import {
  describeSample,
  type SampleDescription,
  type SampleOptions,
  type SampleRole,
  sampleRoles,
  vocabularySizeOf,
} from "./sample-options.ts";
import { normalQuantiles } from "./sample-random.ts";
import { type SampleTensor, sampleTensors } from "./sample-tensors.ts";
import { targetTokens } from "./sample-vocabulary.ts";
import { SampleWeights } from "./sample-weights.ts";

function tensorOf(description: SampleDescription, role: SampleRole, name: string): SampleTensor {
  const tensors = sampleTensors(description.architecture, vocabularySizeOf(description, role));
  const tensor = tensors.find((candidate) => candidate.name === `${name}.weight`);
  if (tensor === undefined) throw new Error(`no ${name}`);
  return tensor;
}

function bytesOf(description: SampleDescription, role: SampleRole, name: string): Uint8Array {
  const tensor = tensorOf(description, role, name);
  const bytes = new Uint8Array(elementCount(tensor.shape) * bytesPerElement(description.dtypes[role]));
  new SampleWeights(description, role).fill(tensor, 0, bytes);
  return bytes;
}

function valuesOf(description: SampleDescription, role: SampleRole, name: string): Float64Array {
  const bytes = bytesOf(description, role, name);
  const dtype = description.dtypes[role];
  const count = bytes.byteLength / bytesPerElement(dtype);
  const elements = elementsOf(dtype, bytes, 0, count);
  return Float64Array.from({ length: count }, (_, i) => decodeElement(dtype, readBits(elements, i)));
}

const at = (values: Float64Array, index: number): number => values[index] ?? Number.NaN;
const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * at(b, i), 0);
const norm = (a: Float64Array): number => Math.sqrt(dot(a, a));
const difference = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value - at(b, i));

/** What a measure pass would find in one tensor. */
function measured(description: SampleDescription, name: string) {
  const base = valuesOf(description, "base", name);
  const vector = difference(valuesOf(description, "chat", name), base);
  const shift = difference(valuesOf(description, "target", name), base);
  return {
    vector: norm(vector) / norm(base),
    shift: norm(shift) / norm(base),
    cosine: dot(vector, shift) / (norm(vector) * norm(shift)),
  };
}

/** Exact deltas: nothing is rounded away. */
const unrounded: SampleOptions = { parameters: 1e6, dtypes: { base: "F32", chat: "F32", target: "F32" } };

test("the table of the normal distribution has its quantiles and variance", () => {
  const quantiles = normalQuantiles();
  expect(quantiles.length).toBe(65_536);
  expect(dot(quantiles, quantiles) / 65_536).toBeCloseTo(1, 4);
  // Φ⁻¹((k + ½) / 65536) by Python's statistics.NormalDist.
  expect(at(quantiles, 32_768)).toBeCloseTo(1.9124056051512083e-5, 12);
  expect(at(quantiles, 63_897)).toBeCloseTo(1.9599378772931504, 9);
  expect(at(quantiles, 65_000)).toBeCloseTo(2.4011829656068335, 9);
  expect(at(quantiles, 638)).toBe(-at(quantiles, 65_536 - 1 - 638));
});

describe("weights", () => {
  test.each(mergeableDtypes)("of a base in %s are normal with a deviation of 0.02, norms around 1", (dtype) => {
    const description = describeSample({ parameters: 1e6, dtypes: { base: dtype } });
    const down = valuesOf(description, "base", "model.layers.3.mlp.down_proj");
    const mean = down.reduce((sum, value) => sum + value, 0) / down.length;
    const deviation = norm(down) / Math.sqrt(down.length);
    expect(Math.abs(mean)).toBeLessThan(0.001);
    expect(deviation).toBeGreaterThan(0.0196);
    expect(deviation).toBeLessThan(0.0204);
    const withinOneDeviation = down.filter((value) => Math.abs(value) < 0.02).length / down.length;
    expect(withinOneDeviation).toBeCloseTo(0.6827, 1);
    const normWeights = valuesOf(description, "base", "model.layers.3.input_layernorm");
    expect(normWeights.reduce((sum, value) => sum + value, 0) / normWeights.length).toBeCloseTo(1, 1);
  });

  test("are the same however they are cut into chunks, and in whatever order", () => {
    const description = describeSample({
      parameters: 1e5,
      dtypes: { base: "BF16", chat: "F16", target: "F32" },
      targetVocabulary: { ownTokens: 33, order: "shuffled" },
    });
    for (const role of sampleRoles) {
      for (const name of ["model.embed_tokens", "model.layers.1.mlp.down_proj", "model.norm"]) {
        const whole = bytesOf(description, role, name);
        const weights = new SampleWeights(description, role);
        const tensor = tensorOf(description, role, name);
        const range = fastCheck.tuple(fastCheck.nat(whole.byteLength), fastCheck.nat(whole.byteLength));
        const property = fastCheck.property(range, ([a, b]) => {
          const [start, end] = a < b ? [a, b] : [b, a];
          const part = new Uint8Array(end - start).fill(0xaa);
          weights.fill(tensor, start, part);
          return Buffer.compare(part, whole.subarray(start, end)) === 0;
        });
        fastCheck.assert(property, { seed: 7, numRuns: 40 });
      }
    }
  });

  test("far into a tensor of more than 2^32 elements can be made without the ones before", () => {
    const description = describeSample({ parameters: 10e12 });
    const { shape } = tensorOf(description, "base", "model.layers.9.mlp.up_proj");
    expect(elementCount(shape)).toBeGreaterThan(2 ** 34);
    const part = new Uint8Array(64);
    const weights = new SampleWeights(description, "chat");
    weights.fill(tensorOf(description, "chat", "model.layers.9.mlp.up_proj"), elementCount(shape) * 2 - 64, part);
    expect(new Set(part).size).toBeGreaterThan(10);
  });

  test("differ from seed to seed, tensor to tensor and role to role", () => {
    const one = describeSample({ parameters: 1e5, seed: 1 });
    const two = describeSample({ parameters: 1e5, seed: 2 });
    const all = [
      bytesOf(one, "base", "model.layers.0.mlp.up_proj"),
      bytesOf(two, "base", "model.layers.0.mlp.up_proj"),
      bytesOf(one, "base", "model.layers.1.mlp.up_proj"),
      bytesOf(one, "base", "model.layers.0.mlp.gate_proj"),
      bytesOf(one, "chat", "model.layers.0.mlp.up_proj"),
      bytesOf(one, "target", "model.layers.0.mlp.up_proj"),
    ];
    expect(new Set(all.map((bytes) => Buffer.from(bytes).toString("latin1"))).size).toBe(all.length);
  });

  test.each(mergeableDtypes)("are rounded to %s as the reference rounds", (dtype) => {
    const block = new SampleBlock(dtype);
    const edges = [
      0,
      -0,
      1,
      -1,
      2 ** -14,
      2 ** -14 - 2 ** -26,
      2 ** -25,
      3 * 2 ** -25,
      -(2 ** -24),
      1.00390625,
      1.01171875,
    ];
    block.floats.set(edges);
    for (let i = edges.length; i < block.floats.length; i++) {
      block.floats[i] = (i % 2 === 0 ? 1 : -1) * 2 ** (-26 + (i % 30)) * (1 + ((i * 7919) % 4096) / 4096);
    }
    const values = Float64Array.from(block.floats);
    block.encode(values.length);
    const elements = elementsOf(dtype, block.bytes, 0, values.length);
    const wrong = [...values].filter((value, i) => readBits(elements, i) !== encodeElement(dtype, value));
    expect(wrong).toEqual([]);
  });
});

describe("the chat vector", () => {
  const description = describeSample(unrounded);
  const { layers } = description.architecture;
  const profile = (module: string) =>
    Array.from({ length: layers }, (_, layer) => measured(description, `model.layers.${layer}.${module}`).vector);

  test("is strongest in the MLPs a little past the middle, and smooth over the depth", () => {
    const down = profile("mlp.down_proj");
    const peak = down.indexOf(Math.max(...down)) / (layers - 1);
    expect(peak).toBeGreaterThan(0.45);
    expect(peak).toBeLessThan(0.7);
    expect(Math.max(...down)).toBeGreaterThan(0.035);
    expect(Math.max(...down)).toBeLessThan(0.047);
    down.slice(1).forEach((value, i) => {
      expect(Math.abs(value / (down[i] ?? Number.NaN) - 1)).toBeLessThan(0.4);
    });
  });

  test("is weaker in the attention, and weakest in the norms", () => {
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const [down, output, key, norms] = ["mlp.down_proj", "self_attn.o_proj", "self_attn.k_proj", "input_layernorm"].map(
      (module) => mean(profile(module)),
    ) as [number, number, number, number];
    expect(down).toBeGreaterThan(output);
    expect(output).toBeGreaterThan(key);
    expect(key).toBeGreaterThan(norms);
    expect(norms).toBeGreaterThan(0.001);
  });

  test("has rows that stand out", () => {
    const name = "model.layers.8.mlp.up_proj";
    const vector = difference(valuesOf(description, "chat", name), valuesOf(description, "base", name));
    const { hidden, intermediate } = description.architecture;
    const rows = Array.from({ length: intermediate }, (_, row) => norm(vector.slice(row * hidden, (row + 1) * hidden)));
    const median = [...rows].sort((a, b) => a - b)[rows.length >> 1] ?? Number.NaN;
    const outstanding = rows.filter((row) => row > 1.6 * median).length;
    expect(outstanding).toBeGreaterThan(0);
    expect(outstanding).toBeLessThan(rows.length / 20);
  });

  test("survives rounding to bf16, which leaves some elements unchanged", () => {
    const rounded = describeSample({ parameters: 1e6 });
    const name = "model.layers.8.mlp.down_proj";
    const base = valuesOf(rounded, "base", name);
    const chat = valuesOf(rounded, "chat", name);
    const unchanged = chat.filter((value, i) => value === at(base, i)).length / base.length;
    expect(unchanged).toBeGreaterThan(0.001);
    expect(unchanged).toBeLessThan(0.2);
    expect(measured(rounded, name).vector / measured(description, name).vector).toBeCloseTo(1, 1);
    expect(measured(rounded, "model.layers.8.input_layernorm").vector).toBeGreaterThan(0);
  });
});

describe("the target's shift", () => {
  const description = describeSample(unrounded);
  const { layers } = description.architecture;

  test("is largest in embeddings and head, and larger in the outer layers than in the middle", () => {
    const shiftOf = (name: string) => measured(description, name).shift;
    const middle = shiftOf(`model.layers.${layers >> 1}.mlp.down_proj`);
    const first = shiftOf("model.layers.0.mlp.down_proj");
    const last = shiftOf(`model.layers.${layers - 1}.mlp.down_proj`);
    expect(first).toBeGreaterThan(1.5 * middle);
    expect(last).toBeGreaterThan(1.5 * middle);
    expect(shiftOf("model.embed_tokens")).toBeGreaterThan(1.3 * Math.max(first, last));
    expect(shiftOf("lm_head")).toBeGreaterThan(Math.max(first, last));
  });

  test("has a small cosine with the chat vector that depends on module and depth", () => {
    const cosineOf = (layer: number, module: string) => measured(description, `model.layers.${layer}.${module}`).cosine;
    // A tensor of n elements cannot say its cosine better than 1/√n: 0.008 for these.
    expect(cosineOf(9, "mlp.down_proj")).toBeGreaterThan(0.045);
    expect(cosineOf(9, "mlp.down_proj")).toBeLessThan(0.11);
    expect(cosineOf(0, "mlp.down_proj")).toBeLessThan(0.02);
    expect(cosineOf(0, "self_attn.q_proj")).toBeLessThan(0);
    expect(Math.abs(cosineOf(layers - 1, "self_attn.q_proj") - 0.03)).toBeLessThan(0.05);
  });
});

describe("a target with tokens of its own", () => {
  test.each(["appended", "shuffled"] as const)("(%s) has each base token's row where the token is", (order) => {
    const options = { parameters: 1e6, targetVocabulary: { ownTokens: 100, order } };
    const description = describeSample({ ...unrounded, ...options });
    const plain = describeSample(unrounded);
    const { hidden, vocabulary } = description.architecture;
    const { baseRows } = targetTokens(description);
    for (const name of ["model.embed_tokens", "lm_head"]) {
      const extended = valuesOf(description, "target", name);
      const target = valuesOf(plain, "target", name);
      expect(extended.length).toBe((vocabulary + 100) * hidden);
      const rowOf = (values: Float64Array, row: number) => values.subarray(row * hidden, (row + 1) * hidden);
      const known = [...baseRows.keys()].filter((row) => (baseRows[row] ?? -1) >= 0);
      const different = known.filter((row) => {
        return norm(difference(rowOf(extended, row), rowOf(target, baseRows[row] ?? -1))) !== 0;
      });
      expect(known.length).toBe(vocabulary);
      expect(different).toEqual([]);
      const own = [...baseRows.keys()].filter((row) => baseRows[row] === -1);
      const squares = own.map((row) => norm(rowOf(extended, row)) ** 2);
      expect(Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / (own.length * hidden))).toBeCloseTo(0.02, 3);
      expect(new Set(squares).size).toBe(own.length);
    }
  });
});
