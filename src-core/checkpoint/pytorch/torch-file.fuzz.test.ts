import { describe, expect, test } from "vitest";
import type { Random } from "../../random.ts";
import { expectValidTorchHeader } from "../../test-support/expect-checkpoint.ts";
import type { FuzzDocument } from "../../test-support/fuzz/document.ts";
import { fuzz } from "../../test-support/fuzz/fuzz.ts";
import type { FuzzName } from "../../test-support/fuzz/fuzz-cases.ts";
import { mutateBytes } from "../../test-support/fuzz/mutate-bytes.ts";
import { MemorySource } from "../../test-support/memory-folder.ts";
import { int, list, op, ordered, type PickleBytes, pickle, text, textDict } from "../../test-support/pickle-bytes.ts";
import { countingBytes, legacyTensor, tensor, torchLegacy, torchZip } from "../../test-support/torch-bytes.ts";
import { readWeightsHeader } from "../weights-header.ts";
import { opcodeBytes } from "./pickle-opcodes.ts";

const half = { key: "0", storage: "HalfStorage", count: 12, shape: [3, 4], strides: [4, 1] };
const long = { key: "1", storage: "LongStorage", count: 1, shape: [], strides: [] };
const transposed = { ...half, shape: [4, 3], strides: [1, 4] };
const metadata = [
  ...textDict({ _metadata: textDict({ "": textDict({ version: int(1) }) }, ordered()) }),
  ...op("BUILD"),
];
const modelOf = (make: typeof tensor) =>
  textDict({
    epoch: int(3),
    state_dict: [
      ...textDict({ "module.a": make(half), "module.b": make(transposed), "module.n": make(long) }, ordered()),
      ...metadata,
    ],
    optimizer: list(textDict({ lr: op("BINFLOAT", 0x3f, 0xf0, 0, 0, 0, 0, 0, 0) }), op("LONG1", 2, 0, 1)),
  });

const zipOf = (contents: Uint8Array) => torchZip(contents, { 0: countingBytes(24), 1: countingBytes(8) });
const legacyStorages = [
  { key: "0", count: 12, bytes: countingBytes(24) },
  { key: "1", count: 1, bytes: countingBytes(8) },
];
const legacyOf = (contents: Uint8Array) => torchLegacy(contents, legacyStorages);

const fragments: PickleBytes[] = [
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
const damage = mutateBytes([...Object.values(opcodeBytes), 0, 1, 2, 0x50, 0x4b, 0x7f, 0x80, 0xff], fragments);

/** In the whole file, or in the pickle alone, around which the file is then right, so that the damage lies deeper. */
function damaged(contents: Uint8Array, fileOf: (contents: Uint8Array) => Uint8Array, random: Random): FuzzDocument {
  const isInside = random.integer(3) > 0;
  let bytes = isInside ? contents : fileOf(contents);
  for (let count = 1 + random.integer(3); count > 0; count--) bytes = damage(bytes, random);
  return { "m.bin": isInside ? fileOf(bytes) : bytes };
}

function fuzzTorch(name: FuzzName, contents: Uint8Array, fileOf: (contents: Uint8Array) => Uint8Array) {
  return fuzz({
    name,
    originals: [{ "m.bin": fileOf(contents) }],
    mutate: (_, random) => damaged(contents, fileOf, random),
    read: async (document) => {
      const source = new MemorySource(document["m.bin"] ?? new Uint8Array(), "m.bin");
      const header = await readWeightsHeader(source, "m.bin");
      if (header.format === "pytorch") expectValidTorchHeader(header, source.byteLength);
      return "valid";
    },
  });
}

describe("PyTorch files with damage", () => {
  // That the damage reaches most of what can go wrong, and is sometimes harmless.
  const everyday = ["valid", "pickle-invalid", "pickle-refused", "file-truncated", "tensor-offsets", "not-pytorch"];

  test("either are valid or are refused with an error for people, at once: zip", async () => {
    const outcomes = await fuzzTorch("torch-zip", pickle(modelOf(tensor)), zipOf);
    for (const code of [...everyday, "zip-invalid"]) expect(outcomes.get(code) ?? 0, code).toBeGreaterThan(3);
  });

  test("either are valid or are refused with an error for people, at once: the old format", async () => {
    const outcomes = await fuzzTorch("torch-legacy", pickle(modelOf(legacyTensor)), legacyOf);
    for (const code of everyday) expect(outcomes.get(code) ?? 0, code).toBeGreaterThan(3);
  });
});
