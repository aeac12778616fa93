import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StudioError } from "../errors.ts";
import { type MemoryEntry, MemoryFolder } from "../test-support/memory-folder.ts";
import { safetensorsBytes } from "../test-support/safetensors-bytes.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { openCheckpoint } from "./open-checkpoint.ts";
import { formatShardIndex } from "./shard-index.ts";
import { tensorByteLength } from "./tensor-size.ts";

const first = "model-00001-of-00002.safetensors";
const second = "model-00002-of-00002.safetensors";
const encode = (text: string) => new TextEncoder().encode(text);

const files: Record<string, Uint8Array> = {
  "model.safetensors.index.json": encode(
    formatShardIndex(
      [
        ["embed.weight", first],
        ["norm é", second],
        ["head", second],
      ],
      76,
    ),
  ),
  [first]: safetensorsBytes([{ name: "embed.weight", dtype: "BF16", shape: [5, 4] }], { format: "pt", 'a"b': "c" }),
  [second]: safetensorsBytes([
    { name: "norm é", dtype: "F32", shape: [8] },
    { name: "head", dtype: "I64", shape: [] },
  ]),
  "config.json": encode('{"architectures":["LlamaForCausalLM"],"hidden_size":4,"text_config":{"vocab_size":5}}'),
};
const names = Object.keys(files);

/** Bytes that mean something to a parser, beside any others. */
const byte = fc.oneof(
  fc.nat({ max: 255 }),
  fc.constantFrom(...encode('{}[]",:\\0123456789-.eEu \n'), 0, 0x7f, 0x80, 0xff),
);

/** What may stand in a value's place. */
const tokens = [
  "0",
  "1",
  "8",
  "-0",
  "1e3",
  "1.5",
  "9007199254740993",
  '"U8"',
  '"F4"',
  '""',
  "[]",
  "{}",
  "null",
  `"${first}"`,
];

const mutation = fc.record({
  file: fc.constantFrom(...names, first, second, first, second),
  kind: fc.constantFrom("set", "flip", "delete", "insert", "cut", "repeat", "token", "token"),
  /** In a safetensors file: only inside the header, whose length is then put right, so that the damage lies deeper. */
  inHeader: fc.boolean(),
  place: fc.nat(),
  length: fc.integer({ min: 1, max: 9 }),
  byte,
  token: fc.constantFrom(...tokens),
});
type Mutation = typeof mutation extends fc.Arbitrary<infer Value> ? Value : never;

function mutate(bytes: Uint8Array, { kind, place, length, byte, token }: Mutation): Uint8Array {
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
    case "token":
      return replaceToken(bytes, place, token);
    default:
      return Uint8Array.from([...before, ...after.subarray(0, length * 8), ...after]);
  }
}

/** Puts another number, string or list where one is; characters stand for bytes. */
function replaceToken(bytes: Uint8Array, place: number, token: string): Uint8Array {
  const text = String.fromCharCode(...bytes);
  const found = [...text.matchAll(/"[^"]*"|\d+|\[[^\]]*\]/g)];
  const match = found[place % Math.max(found.length, 1)];
  if (match === undefined) return bytes;
  const changed = text.slice(0, match.index) + token + text.slice(match.index + match[0].length);
  return Uint8Array.from(changed, (character) => character.charCodeAt(0));
}

function damage(bytes: Uint8Array, mutation: Mutation): Uint8Array {
  const headerEnd = bytes.indexOf(0x7b) === 8 ? 8 + (bytes[0] ?? 0) + 256 * (bytes[1] ?? 0) : 0;
  if (!mutation.inHeader || headerEnd === 0) return mutate(bytes, mutation);
  const header = mutate(bytes.subarray(8, headerEnd), mutation);
  const length = [header.length % 256, Math.floor(header.length / 256), 0, 0, 0, 0, 0, 0];
  return Uint8Array.from([...length, ...header, ...bytes.subarray(headerEnd)]);
}

function expectValid({ files: opened, tensors }: Checkpoint): void {
  expect(new Set(tensors.map(({ name }) => name)).size).toBe(tensors.length);
  for (const { dtype, shape, file, byteOffset, byteLength } of tensors) {
    expect(tensorByteLength(dtype, shape)).toBe(byteLength);
    expect(byteOffset).toBeGreaterThanOrEqual(10);
    expect(byteOffset + byteLength).toBeLessThanOrEqual(opened[file]?.byteLength ?? -1);
  }
}

describe("files with damage", () => {
  it("either are a valid checkpoint or are refused with an error for people, at once", async () => {
    const outcomes = new Map<string, number>();
    let longest = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (mutations) => {
        const damaged: Record<string, MemoryEntry & Uint8Array> = { ...files };
        for (const each of mutations) damaged[each.file] = damage(damaged[each.file] ?? new Uint8Array(), each);
        const start = process.cpuUsage();
        const outcome = await openCheckpoint(new MemoryFolder(damaged)).then(
          (checkpoint) => {
            expectValid(checkpoint);
            return "valid";
          },
          (error: unknown) => {
            if (!(error instanceof StudioError)) throw error;
            expect(error.failure.where).toMatch(/\/model/);
            return error.failure.code;
          },
        );
        longest = Math.max(longest, process.cpuUsage(start).user / 1000);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }),
      { numRuns: 20_000, seed: 20231005 },
    );
    expect(longest).toBeLessThan(1000);
    // That the damage reaches most of what can go wrong, and is sometimes harmless.
    const codes = ["valid", "header-json", "header-entry", "header-truncated", "tensor-size", "tensor-offsets"];
    codes.push(
      "file-truncated",
      "dtype-unknown",
      "index-invalid",
      "shard-missing",
      "shard-tensor-missing",
      "config-invalid",
    );
    for (const code of codes) expect(outcomes.get(code) ?? 0, code).toBeGreaterThan(10);
  });
});
