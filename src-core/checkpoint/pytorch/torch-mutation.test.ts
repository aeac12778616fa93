import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StudioError } from "../../errors.ts";
import { MemorySource } from "../../test-support/memory-folder.ts";
import { int, list, op, ordered, pickle, text, textDict } from "../../test-support/pickle-bytes.ts";
import { countingBytes, legacyTensor, tensor, torchLegacy, torchZip } from "../../test-support/torch-bytes.ts";
import { dtypeBits } from "../dtype.ts";
import { tensorByteLength } from "../tensor-size.ts";
import { readWeightsHeader, type WeightsHeader } from "../weights-header.ts";
import { opcodeBytes } from "./pickle-opcodes.ts";

const half = { key: "0", storage: "HalfStorage", count: 12, shape: [3, 4], strides: [4, 1] };
const long = { key: "1", storage: "LongStorage", count: 1, shape: [], strides: [] };
const transposed = { ...half, shape: [4, 3], strides: [1, 4] };
const metadata = [
  ...textDict({ _metadata: textDict({ "": textDict({ version: int(1) }) }, ordered()) }),
  ...op("BUILD"),
];
const value = (make: typeof tensor) =>
  textDict({
    epoch: int(3),
    state_dict: [
      ...textDict({ "module.a": make(half), "module.b": make(transposed), "module.n": make(long) }, ordered()),
      ...metadata,
    ],
    optimizer: list(textDict({ lr: op("BINFLOAT", 0x3f, 0xf0, 0, 0, 0, 0, 0, 0) }), op("LONG1", 2, 0, 1)),
  });

const zipPickle = pickle(value(tensor));
const zipFile = (data: Uint8Array) => torchZip(data, { 0: countingBytes(24), 1: countingBytes(8) });
const zip = zipFile(zipPickle);
const legacyStorages = [
  { key: "0", count: 12, bytes: countingBytes(24) },
  { key: "1", count: 1, bytes: countingBytes(8) },
];
const legacy = torchLegacy(value(legacyTensor), legacyStorages);
const legacyPickle = pickle(value(legacyTensor));

/** Bytes that mean something to a pickle's or a zip's reader, beside any others. */
const byte = fc.oneof(
  fc.nat({ max: 255 }),
  fc.constantFrom(...Object.values(opcodeBytes)),
  fc.constantFrom(0, 1, 2, 0x50, 0x4b, 0x7f, 0x80, 0xff),
);
const fragments = [
  op("STOP"),
  op("BINGET", 0),
  op("MEMOIZE"),
  op("TUPLE1"),
  op("POP"),
  text("module.a"),
  int(2 ** 40),
  int(-1),
  tensor(half),
  textDict({ model: tensor(half) }),
  list(op("BINGET", 0)),
  op("LONG1", 9, 1, 2, 3, 4, 5, 6, 7, 8, 9),
];

const mutation = fc.record({
  kind: fc.constantFrom("set", "flip", "delete", "insert", "cut", "repeat", "fragment", "move"),
  place: fc.nat(),
  length: fc.integer({ min: 1, max: 12 }),
  byte,
  fragment: fc.constantFrom(...fragments),
});
type Mutation = typeof mutation extends fc.Arbitrary<infer Value> ? Value : never;

function mutate(bytes: Uint8Array, { kind, place, length, byte, fragment }: Mutation): Uint8Array {
  const at = bytes.length === 0 ? 0 : place % bytes.length;
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (kind) {
    case "set":
      return Uint8Array.from([...before, byte, ...after.subarray(1)]);
    case "flip":
      return Uint8Array.from([...before, (after[0] ?? 0) ^ (1 << (length % 8)), ...after.subarray(1)]);
    case "delete":
      return Uint8Array.from([...before, ...after.subarray(length)]);
    case "insert":
      return Uint8Array.from([...before, ...new Uint8Array(length).fill(byte), ...after]);
    case "cut":
      return before.slice();
    case "fragment":
      return Uint8Array.from([...before, ...fragment, ...after]);
    case "move":
      return Uint8Array.from([...before, ...after.subarray(length), ...after.subarray(0, length)]);
    default:
      return Uint8Array.from([...before, ...after.subarray(0, length * 8), ...after]);
  }
}

/** In the whole file, or in the pickle alone, around which the file is then right, so that the damage lies deeper. */
const damage = fc.record({ inside: fc.boolean(), mutations: fc.array(mutation, { minLength: 1, maxLength: 3 }) });

function expectInside({ format, tensors }: WeightsHeader, fileByteLength: number): void {
  expect(format).toBe("pytorch");
  expect(new Set(tensors.map(({ name }) => name)).size).toBe(tensors.length);
  for (const { dtype, shape, strides, byteOffset, byteLength } of tensors) {
    expect(tensorByteLength(dtype, shape)).toBe(byteLength);
    const size = dtypeBits[dtype] / 8;
    const extent = strides?.reduce((sum, stride, i) => sum + stride * ((shape[i] ?? 1) - 1) * size, size) ?? byteLength;
    expect(byteOffset).toBeGreaterThan(0);
    expect(byteOffset + extent).toBeLessThanOrEqual(fileByteLength);
  }
}

async function outcomesOf(damaged: (inside: boolean, mutations: Mutation[]) => Uint8Array, seed: number) {
  const outcomes = new Map<string, number>();
  let longest = 0;
  await fc.assert(
    fc.asyncProperty(damage, async ({ inside, mutations }) => {
      const source = new MemorySource(damaged(inside, mutations), "m.bin");
      const start = process.cpuUsage();
      const outcome = await readWeightsHeader(source, "m.bin").then(
        (header) => {
          if (header.format === "pytorch") expectInside(header, source.byteLength);
          return "valid";
        },
        (error: unknown) => {
          if (!(error instanceof StudioError)) throw error;
          expect(error.failure.where).toContain("m.bin");
          return error.failure.code;
        },
      );
      longest = Math.max(longest, process.cpuUsage(start).user / 1000);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }),
    { numRuns: 10_000, seed },
  );
  expect(longest).toBeLessThan(1000);
  return outcomes;
}

describe("PyTorch files with damage", () => {
  // That the damage reaches most of what can go wrong, and is sometimes harmless.
  const everywhere = ["valid", "pickle-invalid", "pickle-refused", "file-truncated", "tensor-offsets", "not-pytorch"];

  it("either are valid or are refused with an error for people, at once: zip", async () => {
    const outcomes = await outcomesOf((inside, mutations) => {
      return inside ? zipFile(mutations.reduce(mutate, zipPickle)) : mutations.reduce(mutate, zip);
    }, 20240607);
    for (const code of [...everywhere, "zip-invalid"]) expect(outcomes.get(code) ?? 0, code).toBeGreaterThan(10);
  });

  it("either are valid or are refused with an error for people, at once: the old format", async () => {
    const outcomes = await outcomesOf((inside, mutations) => {
      return inside
        ? torchLegacy(mutations.reduce(mutate, legacyPickle), legacyStorages)
        : mutations.reduce(mutate, legacy);
    }, 20240608);
    for (const code of everywhere) expect(outcomes.get(code) ?? 0, code).toBeGreaterThan(10);
  });
});
