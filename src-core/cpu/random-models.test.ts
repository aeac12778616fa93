import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type MergeableDtype, mergeableDtypes } from "../checkpoint/dtype.ts";
import type { Backend } from "../engine/backend.ts";
import type { SlotSize } from "../engine/check-operations.ts";
import { Random } from "../random.ts";
import { valuesOf } from "../test-support/case-values.ts";
import { inProcessHost } from "../test-support/cpu-hosts.ts";
import type { MeasureCase } from "../test-support/measure-case.ts";
import { runMeasureTable } from "../test-support/measure-table.ts";
import type { CaseElements, NumericCase } from "../test-support/numeric-case.ts";
import { runNumericTable } from "../test-support/numeric-table.ts";
import { checkAgainstReference } from "../test-support/reference-check.ts";
import { createCpuBackend } from "./cpu-backend.ts";

const size: SlotSize = { inputBytes: 64 * 1024, outputBytes: 32 * 1024, operationCount: 40 };
const seeds = Array.from({ length: 400 }, (_, index) => 1000 + index);

let backend: Backend;
beforeAll(async () => {
  backend = await createCpuBackend({ ...size, host: await inProcessHost(), threadCount: 1, slotCount: 3 });
});
afterAll(() => backend.destroy());

function oneOf<T>(random: Random, among: readonly [T, ...T[]]): T {
  return among[random.integer(among.length)] ?? among[0];
}

/** Tensors of weights with none, few or many other elements among them, so that every way through the kernels is taken. */
class RandomModels {
  readonly random: Random;
  readonly elementCount: number;
  readonly #sparsity: number;
  readonly #firstZero: number;

  constructor(seed: number) {
    this.random = new Random(seed);
    const { random } = this;
    this.elementCount = oneOf(random, [random.integer(70), 900 + random.integer(300), random.integer(9000)]);
    this.#sparsity = oneOf(random, [0, 0, 1 / 2000, 1 / 50, 1]);
    this.#firstZero = oneOf(random, [this.elementCount, this.elementCount, random.integer(this.elementCount + 1)]);
  }

  tensor(): CaseElements {
    const { random, elementCount } = this;
    const dtype: MergeableDtype = oneOf(random, mergeableDtypes);
    const values = valuesOf(dtype, elementCount, random, ["weight"]);
    const others = valuesOf(dtype, elementCount, random);
    for (let i = 0; i < elementCount; i++) {
      if (random.integer(2 ** 20) < this.#sparsity * 2 ** 20) values.bits[i] = others.bits[i] ?? 0;
    }
    return random.integer(4) === 0 ? { dtype, bits: values.bits.fill(0, this.#firstZero) } : values;
  }

  /** Like a tuned model and what it was tuned from: many elements are the same. */
  pair(): { chat: CaseElements; base: CaseElements } {
    const [chat, base] = [this.tensor(), this.tensor()];
    if (base.dtype === chat.dtype) {
      const step = oneOf(this.random, [1, 2, 3, 50]);
      for (let i = 0; i < this.elementCount; i += step) base.bits[i] = chat.bits[i] ?? 0;
    }
    return { chat, base };
  }
}

function mergeCase(seed: number): NumericCase {
  const models = new RandomModels(seed);
  const { random, elementCount } = models;
  const vectors = Array.from({ length: random.integer(5) }, () => ({
    scale: Math.fround(oneOf(random, [1, -1, 0, 0.7, 1.3, -0.2, 2 ** -32, 2 ** 32, 1e-7])),
    ...models.pair(),
  }));
  return {
    name: `seed ${seed}`,
    elementCount,
    target: models.tensor(),
    vectors,
    outputDtype: oneOf(random, mergeableDtypes),
  };
}

function measureCase(seed: number): MeasureCase {
  const models = new RandomModels(seed);
  const vectors = Array.from({ length: 1 + models.random.integer(4) }, () => models.pair());
  const target = oneOf(models.random, [null, vectors[0]?.base ?? null, models.tensor(), models.tensor()]);
  return { name: `seed ${seed}`, elementCount: models.elementCount, target, vectors };
}

/** Values of 0.02 to 0.04, of a size of which f32 loses the squares, and none. */
const weight = (i: number) => 0.02 + (i % 7) * 0.003;
const tiny = (i: number) => (3 + (i % 5)) * 1e-22;
const none = () => 0;
const halves = (even: (i: number) => number, odd: (i: number) => number) => (i: number) => (i % 2 ? odd(i) : even(i));

describe.each([
  ["target", tiny, (i: number) => 2 * weight(i), weight],
  ["chat", (i: number) => 2 * weight(i), tiny, weight],
  ["base", (i: number) => 2 * weight(i), weight, tiny],
  ["the vector", (i: number) => 2 * weight(i), halves(weight, tiny), halves(weight, none)],
  ["the shift", halves(weight, tiny), (i: number) => 2 * weight(i), halves(weight, none)],
] as const)("where %s alone is tiny", (name, target, chat, base) => {
  const tensor = (value: (i: number) => number): CaseElements => {
    const bits = new Uint32Array(Float32Array.from({ length: 1000 }, (_, i) => value(i)).buffer);
    return { dtype: "F32", bits };
  };

  it.each([1, 2])("the CPU backend measures it, with %d vectors", async (vectorCount) => {
    const vectors = Array.from({ length: vectorCount }, () => ({ chat: tensor(chat), base: tensor(base) }));
    const only: MeasureCase = { name, elementCount: 1000, target: tensor(target), vectors };
    expect(await runMeasureTable(backend, size, [only], 2 ** -16.9)).toEqual([]);
  });
});

describe("on random models the CPU backend", () => {
  it("merges to the reference's bits", async () => {
    expect(await runNumericTable(backend, size, seeds.map(mergeCase), checkAgainstReference)).toEqual([]);
  });

  it("measures what exact arithmetic finds", async () => {
    expect(await runMeasureTable(backend, size, seeds.slice(0, 150).map(measureCase), 2 ** -16.9)).toEqual([]);
  });
});
