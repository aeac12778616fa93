import { describe, expect, it } from "vitest";
import { rejectionOf } from "../../test-support/failure-of.ts";
import { MemorySource } from "../../test-support/memory-folder.ts";
import {
  bool,
  call,
  global,
  int,
  list,
  op,
  ordered,
  pickle,
  text,
  textDict,
  tuple,
} from "../../test-support/pickle-bytes.ts";
import {
  countingBytes,
  legacyTensor,
  machine,
  magicPickle,
  storage,
  torchLegacy,
} from "../../test-support/torch-bytes.ts";
import { concat } from "../../test-support/zip-bytes.ts";
import { readWeightsHeader } from "../weights-header.ts";

const read = (bytes: Uint8Array) => readWeightsHeader(new MemorySource(bytes, "m.bin"), "m.bin");
const refusal = (bytes: Uint8Array) => rejectionOf(() => read(bytes));

const half = { key: "77", storage: "HalfStorage", count: 6, shape: [2, 3], strides: [3, 1] };
const long = { key: "12", storage: "LongStorage", count: 1, shape: [], strides: [] };
const value = textDict({ weight: legacyTensor(half), steps: legacyTensor(long) });
const storages = [
  { key: "12", count: 1, bytes: countingBytes(8, 1) },
  { key: "77", count: 6, bytes: countingBytes(12, 2) },
];
const file = torchLegacy(value, storages);

describe("a PyTorch file of the time before 1.6", () => {
  it("gives tensors at their places, in the order of the storages", async () => {
    const { format, tensors } = await read(file);
    expect(format).toBe("pytorch");
    const end = file.length;
    expect(tensors).toEqual([
      { name: "steps", dtype: "I64", shape: [], byteOffset: end - 12 - 8 - 8, byteLength: 8 },
      { name: "weight", dtype: "F16", shape: [2, 3], byteOffset: end - 12, byteLength: 12 },
    ]);
  });

  it("may have shared parts of storages, as PyTorch before 1.0 wrote them", async () => {
    const part = [...tuple(text("78"), int(2), int(4))];
    const rebuild = (shape: number[]) =>
      call(
        global("torch._utils", "_rebuild_tensor"),
        storage(half, "legacy", part),
        int(1),
        tuple(...shape.map(int)),
        tuple(int(1)),
      );
    const { tensors } = await read(torchLegacy(textDict({ a: rebuild([3]) }), storages.slice(1)));
    expect(tensors.map(({ byteOffset, byteLength }) => [byteOffset, byteLength])).toEqual([
      [torchLegacy(textDict({ a: rebuild([3]) }), storages.slice(1)).length - 12 + 6, 6],
    ]);
    expect(await refusal(torchLegacy(textDict({ a: rebuild([4]) }), storages.slice(1)))).toMatchObject({
      code: "tensor-offsets",
      expected: "a view within the storage's 4 elements",
    });
  });

  it("may come in frames of protocol 4", async () => {
    const [, , ...magic] = magicPickle;
    const framed = Uint8Array.from([0x80, 4, ...op("FRAME", magic.length, 0, 0, 0, 0, 0, 0, 0), ...magic]);
    expect((await read(concat([framed, file.subarray(magicPickle.length)]))).tensors).toHaveLength(2);
  });

  it("is refused when it comes from a big-endian machine, or does not say", async () => {
    expect(await refusal(torchLegacy(value, storages, machine(bool(false))))).toMatchObject({
      code: "checkpoint-unsupported",
      where: "m.bin",
      actual: "big",
    });
    expect((await refusal(torchLegacy(value, storages, textDict({ a: int(1) })))).code).toBe("pickle-invalid");
    expect((await refusal(torchLegacy(value, storages, list()))).code).toBe("pickle-invalid");
  });

  it("is refused when it is of another version", async () => {
    const other = concat([magicPickle, pickle(int(1002)), pickle(machine(bool(true)))]);
    expect(await refusal(other)).toMatchObject({ code: "pickle-invalid", actual: "the number 1002" });
  });

  it("is refused wherever it is cut", async () => {
    for (let length = magicPickle.length; length < file.length; length++) {
      const failure = await refusal(file.subarray(0, length));
      expect(["pickle-invalid", "file-truncated"], `cut at ${length}: ${failure.message}`).toContain(failure.code);
      expect(failure.where).toContain("m.bin");
    }
    expect(await refusal(concat([file, Uint8Array.of(0)]))).toMatchObject({ code: "tensor-offsets" });
  });

  it("is refused when its storages are not what the pickle says", async () => {
    const [first, second] = storages as [(typeof storages)[0], (typeof storages)[0]];
    const cases: [string, typeof storages, string][] = [
      ["a count that differs", [first, { ...second, count: 7 }], 'storage "77"'],
      ["one that is not listed", [second], 'storage "12"'],
      ["one that nothing names", [first, second, { key: "99", count: 0, bytes: new Uint8Array() }], 'storage "99"'],
    ];
    for (const [title, wrong, where] of cases) {
      const failure = await refusal(torchLegacy(value, wrong));
      expect(failure.code, title).toBe("tensor-offsets");
      expect(failure.where, title).toContain(where);
    }
    expect(await refusal(torchLegacy(value, [first, second, first]))).toMatchObject({ code: "pickle-invalid" });
  });

  it("is refused when one storage is said to be of two types or sizes", async () => {
    for (const other of [
      { ...half, storage: "BFloat16Storage" },
      { ...half, count: 5, shape: [1], strides: [1] },
    ]) {
      const both = textDict({ a: legacyTensor(half), b: legacyTensor(other) });
      expect((await refusal(torchLegacy(both, storages.slice(1)))).code).toBe("tensor-offsets");
    }
  });

  it("refuses references in its other pickles, and what Python 2 and 3 write alike", async () => {
    const id = [...text("storage"), ...op("BINPERSID")];
    expect((await refusal(torchLegacy(value, storages, id))).code).toBe("pickle-invalid");
    const python2 = textDict({
      weight: legacyTensor(half),
      _: call(global("collections", "OrderedDict"), list(list(text("a"), int(1)))),
    });
    expect((await read(torchLegacy(python2, storages.slice(1)))).tensors).toHaveLength(1);
    expect(
      (await read(torchLegacy(textDict({ weight: legacyTensor(half) }, ordered()), storages.slice(1)))).tensors,
    ).toHaveLength(1);
  });
});
