import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { type Dtype, dtypeBits } from "../checkpoint/dtype.ts";
import { planMeasure } from "../plan/plan-measure.ts";
import { planMerge } from "../plan/plan-merge.ts";
import { Random } from "../random.ts";
import { recipeSchema } from "../recipe/recipe.ts";
import type { TensorStatistics } from "../statistics/tensor-statistics.ts";
import { sketchCheckpoint, type TensorSketch } from "../test-support/checkpoints.ts";
import { jitter, MemorySink, MemorySource } from "../test-support/memory-files.ts";
import { createReferenceBackend } from "../test-support/reference-backend.ts";
import { inspectTensor } from "./inspect-tensor.ts";
import { runMeasure } from "./measure-pipeline.ts";
import { runMerge } from "./merge-pipeline.ts";
import { plannedMeasureBytes, plannedReadBytes } from "./planned-bytes.ts";
import { verifyMerge } from "./verify-merge.ts";

const limits = { inputBytes: 4096, outputBytes: 2048, operationCount: 4, copyBytes: 512 };
const backend = createReferenceBackend({ slotCount: 3, ...limits });

type ScaleKind = "none" | "tensor" | "rows" | "blocks";

const dtypes = ["F64", "F8_E4M3", "F8_E5M2", "F8_E4M3FNUZ", "F8_E5M2FNUZ", "BF16", "F32"] as const;
const tensorShape = fc.record({
  rows: fc.integer({ min: 1, max: 9 }),
  columns: fc.integer({ min: 1, max: 200 }),
  dtypes: fc.array(fc.constantFrom(...dtypes), { minLength: 3, maxLength: 3 }),
  scales: fc.array(fc.constantFrom<ScaleKind>("none", "tensor", "rows", "blocks"), { minLength: 3, maxLength: 3 }),
  scaleDtype: fc.constantFrom<Dtype>("F32", "BF16", "F8_E8M0"),
});
const merges = fc.record({
  tensors: fc.array(tensorShape, { minLength: 1, maxLength: 4 }),
  /** The first tensor is the head, of which the target has two rows more. */
  hasHead: fc.boolean(),
  scale: fc.constantFrom(1, -0.7, 0.3),
  output: fc.constantFrom("same" as const, "F32" as const, "BF16" as const, "F16" as const),
  seed: fc.integer({ min: 0, max: 1e6 }),
});
type Merge = typeof merges extends fc.Arbitrary<infer Case> ? Case : never;

const blockSize: [number, number] = [4, 16];

function sketch({ tensors, hasHead }: Merge, role: number): Checkpoint {
  const sketches = tensors.flatMap(
    ({ rows: shared, columns, dtypes: chosen, scales, scaleDtype }, index): TensorSketch[] => {
      const dtype = chosen[role] ?? "F32";
      const isHead = hasHead && index === 0;
      const name = isHead ? "lm_head.weight" : `layers.${index}.weight`;
      const rows = isHead && role === 0 ? shared + 2 : shared;
      const kind = dtype.startsWith("F8") ? (scales[role] ?? "none") : "none";
      const shapes = {
        none: null,
        tensor: [],
        rows: [rows, 1],
        blocks: [Math.ceil(rows / 4), Math.ceil(columns / 16)],
      };
      const shape = shapes[kind];
      const scale = shape === null ? [] : [{ name: `${name}_scale_inv`, dtype: scaleDtype, shape }];
      return [{ name, dtype, shape: [rows, columns] }, ...scale];
    },
  );
  const quantization = { method: "fp8", format: null, bits: null, blockSize };
  return sketchCheckpoint(`model-${role}`, sketches, { quantization });
}

/** Bytes that mean small, finite numbers in the tensor's dtype. */
function contents({ files, tensors }: Checkpoint, seed: number): Uint8Array {
  const bytes = new Uint8Array(files[0]?.byteLength ?? 0);
  const view = new DataView(bytes.buffer);
  const random = new Random(seed);
  for (const { dtype, byteOffset, byteLength } of tensors) {
    const width = dtypeBits[dtype] / 8;
    for (let at = byteOffset; at < byteOffset + byteLength; at += width) {
      const value = (random.integer(2 ** 40) / 2 ** 39 - 1) * 2 ** -random.integer(8);
      if (dtype === "F64") view.setFloat64(at, value, true);
      else if (dtype === "F32") view.setFloat32(at, value, true);
      else if (dtype === "BF16") view.setUint16(at, 0x3c00 + random.integer(0x200) + random.integer(2) * 0x8000, true);
      else if (dtype === "F8_E8M0") bytes[at] = 120 + random.integer(10);
      else bytes[at] = 1 + random.integer(0x77) + random.integer(2) * 0x80;
    }
  }
  return bytes;
}

/** A tensor's value by formulas that share nothing with the application's: signs, powers and the scale beside it. */
function meantValue(
  checkpoint: Checkpoint,
  bytes: Uint8Array,
  kind: ScaleKind,
  name: string,
  row: number,
  column: number,
): number {
  const tensor = checkpoint.tensors.find((each) => each.name === name);
  if (tensor === undefined) throw new Error(name);
  const [, columns = 1] = tensor.shape;
  const element = plainValue(tensor.dtype, bytes, tensor.byteOffset, row * columns + column);
  const scale = checkpoint.tensors.find((each) => each.name === `${name}_scale_inv`);
  if (scale === undefined) return element;
  const [, scaleColumns = 1] = scale.shape;
  const index = { none: 0, tensor: 0, rows: row, blocks: Math.floor(row / 4) * scaleColumns + Math.floor(column / 16) };
  return Math.fround(element * plainValue(scale.dtype, bytes, scale.byteOffset, index[kind]));
}

function plainValue(dtype: Dtype, bytes: Uint8Array, start: number, index: number): number {
  const view = new DataView(bytes.buffer);
  if (dtype === "F64") return view.getFloat64(start + index * 8, true);
  if (dtype === "F32") return view.getFloat32(start + index * 4, true);
  const float32 = new DataView(new ArrayBuffer(4));
  if (dtype === "BF16") {
    float32.setUint32(0, view.getUint16(start + index * 2, true) << 16);
    return float32.getFloat32(0);
  }
  const byte = bytes[start + index] ?? 0;
  if (dtype === "F8_E8M0") return 2 ** (byte - 127);
  const [bias, fraction] = { F8_E4M3: [7, 3], F8_E5M2: [15, 2], F8_E4M3FNUZ: [8, 3], F8_E5M2FNUZ: [16, 2] }[
    dtype as "F8_E4M3"
  ] as [number, number];
  const exponent = (byte & 0x7f) >> fraction;
  const parts = (byte % 2 ** fraction) / 2 ** fraction;
  const magnitude = exponent === 0 ? parts * 2 ** (1 - bias) : (1 + parts) * 2 ** (exponent - bias);
  return byte >= 0x80 ? -magnitude : magnitude;
}

function prepared(random: Merge) {
  const checkpoints = [0, 1, 2].map((role) => sketch(random, role));
  const [target, chat, base] = checkpoints as [Checkpoint, Checkpoint, Checkpoint];
  const delay = jitter(random.seed);
  const bytes = checkpoints.map((checkpoint, role) => contents(checkpoint, random.seed + role));
  const sources = bytes.map((content, role) => [new MemorySource(`model-${role}`, content, delay)]);
  const recipe = recipeSchema.parse({
    target: target.path,
    vectors: [{ chat: chat.path, base: base.path, scale: random.scale }],
    vocabulary: "first-rows",
    output: { dtype: random.output },
  });
  const vectors = [{ chat, base }];
  const value = (role: number, name: string, row: number, column: number) =>
    meantValue(
      checkpoints[role] as Checkpoint,
      bytes[role] as Uint8Array,
      kindAt(random, role, name),
      name,
      row,
      column,
    );
  return { recipe, target, vectors, sources, value, delay };
}

const spacing: Readonly<Record<string, number>> = { F64: 2 ** -52, F32: 2 ** -23, BF16: 2 ** -7, F16: 2 ** -10 };
const leastSpacing: Readonly<Record<string, number>> = { F64: 0, F32: 2 ** -149, BF16: 2 ** -133, F16: 2 ** -24 };

function halfUlp(dtype: Dtype, exact: number): number {
  const ulp = 2 ** Math.floor(Math.log2(Math.abs(exact) || 1e-300)) * (spacing[dtype] ?? 0);
  return Math.max(ulp, leastSpacing[dtype] ?? 0) / 2;
}

const { signal } = new AbortController();

describe("models in F64 and FP8, in any mix", () => {
  test("merge to what exact arithmetic gives, rounded once, and verify", async () => {
    await fc.assert(
      fc.asyncProperty(merges, async (random) => {
        const { recipe, target, vectors, sources, value, delay } = prepared(random);
        const plan = planMerge({ recipe, target, vectors });
        const sinks = plan.output.files.map(({ byteLength }) => new MemorySink(byteLength, delay));
        const outcome = await runMerge(plan, { sources, sinks }, backend, { limits, signal, onProgress: () => {} });
        expect(outcome.bytesRead).toBe(plannedReadBytes(plan));
        const scale = Math.fround(random.scale);
        for (const { name, shape, output, action } of plan.tensors) {
          const [rows = 0, columns = 0] = shape;
          expect([name, action]).toEqual([name, "merge"]);
          const written = sinks[output.file]?.bytes ?? new Uint8Array();
          const isPrecise = tensorAt(random, name)?.dtypes.includes("F64") === true;
          for (let row = 0; row < rows; row++) {
            for (let column = 0; column < columns; column++) {
              const isKept = row >= (tensorAt(random, name)?.rows ?? 0);
              const t = value(0, name, row, column);
              const [c = 0, b = 0] = isKept ? [] : [1, 2].map((role) => value(role, name, row, column));
              const exact = t + scale * (c - b);
              const actual = writtenValue(output.dtype, written, output.byteOffset, row * columns + column);
              const mass = Math.abs(t) + Math.abs(scale) * (Math.abs(c) + Math.abs(b));
              const allowed = halfUlp(output.dtype, exact) + (isPrecise ? 2 ** -51 : 2 ** -22) * mass;
              // Beyond F16's largest value infinity is the nearest.
              const isOverflow = output.dtype === "F16" && Math.abs(exact) + allowed >= 65_520;
              if (isOverflow && actual === Math.sign(exact) * Number.POSITIVE_INFINITY) continue;
              const distance = Math.abs(actual - exact);
              if (!(distance <= allowed)) expect.fail(`${name} ${row} ${column}: ${actual}, expected ${exact}`);
            }
          }
        }
        const outputs = sinks.map(({ bytes }) => new MemorySource("output", bytes));
        const { mismatches } = await verifyMerge(
          plan,
          { sources, outputs },
          { sampleCount: 1e5, seed: 1, pause: async () => {} },
        );
        expect(mismatches).toEqual([]);
        for (const [index, { name, output, elementCount }] of plan.tensors.entries()) {
          const bytes = outputs[output.file]?.bytes ?? new Uint8Array();
          // The exponent's first bit: another number by far.
          const last = output.byteOffset + output.byteLength - 1;
          const before = bytes[last] ?? 0;
          bytes[last] = before ^ 0x40;
          const damaged = await verifyMerge(
            plan,
            { sources, outputs },
            { sampleCount: 1e5, seed: 1, pause: async () => {} },
          );
          expect(damaged.mismatches, `tensor ${index}`).toEqual([{ tensor: name, index: elementCount - 1 }]);
          bytes[last] = before;
        }
      }),
      { numRuns: 30 },
    );
  });

  test("are measured and looked at in the numbers that they mean", async () => {
    await fc.assert(
      fc.asyncProperty(merges, async (random) => {
        const { recipe, target, vectors, sources, value } = prepared(random);
        const { plan } = planMeasure({ recipe, target, vectors });
        const found: TensorStatistics[] = [];
        const onTensor = (statistics: TensorStatistics) => found.push(statistics);
        const options = { limits, signal, done: new Set<string>(), onTensor, onProgress: () => {} };
        const { bytesRead } = await runMeasure(plan, sources, backend, options);
        expect(bytesRead).toBe(plannedMeasureBytes(plan, new Set()));
        for (const tensor of plan.tensors) {
          const [rows = 0, columns = 0] = tensor.shape;
          const rowSquares = Array.from({ length: rows }, (_, row) => {
            let sum = 0;
            for (let column = 0; column < columns && row < (tensorAt(random, tensor.name)?.rows ?? 0); column++) {
              sum += (value(1, tensor.name, row, column) - value(2, tensor.name, row, column)) ** 2;
            }
            return sum;
          });
          const vector = rowSquares.reduce((sum, square) => sum + square, 0);
          const statistics = found.find(({ name }) => name === tensor.name)?.vectors[0];
          expect(Math.abs((statistics?.vector ?? 0) - vector)).toBeLessThanOrEqual(1e-5 * vector);
          const { rowNorms, values } = await inspectTensor(tensor, 0, sources, signal);
          expect([...rowNorms].every((norm, row) => isClose(norm, Math.sqrt(rowSquares[row] ?? 0)))).toBe(true);
          for (const { role, counts } of values) {
            const counted = role === "target" ? rows : (tensorAt(random, tensor.name)?.rows ?? 0);
            expect(counts.reduce((sum, count) => sum + count)).toBe(counted * columns);
          }
        }
      }),
      { numRuns: 20 },
    );
  });
});

function isClose(actual: number, expected: number): boolean {
  return Math.abs(actual - expected) <= 1e-12 * expected;
}

function tensorAt({ tensors }: Merge, name: string) {
  return tensors[name === "lm_head.weight" ? 0 : Number(name.split(".")[1])];
}

function kindAt(random: Merge, role: number, name: string): ScaleKind {
  return tensorAt(random, name)?.scales[role] ?? "none";
}

function writtenValue(dtype: Dtype, bytes: Uint8Array, start: number, index: number): number {
  if (dtype !== "F16") return plainValue(dtype, bytes, start, index);
  const bits = new DataView(bytes.buffer).getUint16(start + index * 2, true);
  const exponent = (bits >> 10) & 0x1f;
  const parts = (bits & 0x3ff) / 1024;
  const finite = exponent === 0 ? parts * 2 ** -14 : (1 + parts) * 2 ** (exponent - 15);
  const magnitude = exponent === 31 ? Number.POSITIVE_INFINITY : finite;
  return bits >= 0x8000 ? -magnitude : magnitude;
}
