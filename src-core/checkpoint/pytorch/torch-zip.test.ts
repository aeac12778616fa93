import { describe, expect, it } from "vitest";
import { rejectionOf } from "../../test-support/failure-of.ts";
import { gatherTensor } from "../../test-support/gather-tensor.ts";
import { MemorySource } from "../../test-support/memory-folder.ts";
import { dict, global, int, list, op, pickle, text, textDict } from "../../test-support/pickle-bytes.ts";
import { countingBytes, storage, tensor, torchZip } from "../../test-support/torch-bytes.ts";
import { readWeightsHeader } from "../weights-header.ts";

const read = (bytes: Uint8Array) => readWeightsHeader(new MemorySource(bytes, "m.bin"), "m.bin");
const refusal = (bytes: Uint8Array) => rejectionOf(() => read(bytes));
const encode = (characters: string) => new TextEncoder().encode(characters);

const matrix = { key: "0", storage: "FloatStorage", count: 6, shape: [2, 3], strides: [3, 1] };
const oneMatrix = textDict({ weight: tensor(matrix) });
const bytes = countingBytes(24);

/** Where `part` lies in `whole`, which has it once. */
function placeOf(part: Uint8Array, whole: Uint8Array): number {
  const text = (each: Uint8Array) => String.fromCharCode(...each);
  const at = text(whole).indexOf(text(part));
  expect(text(whole).indexOf(text(part), at + 1)).toBe(-1);
  return at;
}

describe("a PyTorch zip file", () => {
  it("gives tensors at their places in the file", async () => {
    const file = torchZip(oneMatrix, { 0: bytes });
    const { format, tensors, metadata } = await read(file);
    expect({ format, metadata }).toEqual({ format: "pytorch", metadata: {} });
    const byteOffset = placeOf(bytes, file);
    expect(tensors).toEqual([{ name: "weight", dtype: "F32", shape: [2, 3], byteOffset, byteLength: 24 }]);
  });

  it("has data wherever its local headers end, aligned or not", async () => {
    for (const alignment of [1, 2, 3, 7, 64, 4096]) {
      const members = [{ name: "archive/data/0", bytes, flags: 0, alignment }];
      const file = torchZip(oneMatrix, {}, { members });
      expect((await read(file)).tensors[0]?.byteOffset).toBe(placeOf(bytes, file));
    }
  });

  it("may be called anything inside, and end with or without zip64 records", async () => {
    for (const root of ["pytorch_model-00001-of-00002", "модель", "model:v1"]) {
      for (const zip64 of [false, true]) {
        const file = torchZip(oneMatrix, { 0: bytes }, { root, end: { zip64 } });
        expect((await read(file)).tensors[0]?.byteOffset).toBe(placeOf(bytes, file));
      }
    }
  });

  it("may have sizes and places of 64 bits", async () => {
    const file = torchZip(oneMatrix, {}, { members: [{ name: "archive/data/0", bytes, zip64: true }] });
    expect((await read(file)).tensors[0]?.byteOffset).toBe(placeOf(bytes, file));
  });

  it.each([
    ["FloatStorage", "F32", 4],
    ["HalfStorage", "F16", 2],
    ["BFloat16Storage", "BF16", 2],
    ["DoubleStorage", "F64", 8],
    ["LongStorage", "I64", 8],
    ["IntStorage", "I32", 4],
    ["ShortStorage", "I16", 2],
    ["CharStorage", "I8", 1],
    ["ByteStorage", "U8", 1],
    ["BoolStorage", "BOOL", 1],
    ["ComplexFloatStorage", "C64", 8],
  ])("has storages of each type: %s is %s", async (storage, dtype, size) => {
    const spec = { ...matrix, storage, offset: 1, shape: [5], strides: [1] };
    const file = torchZip(textDict({ a: tensor(spec) }), { 0: countingBytes(6 * size) });
    const { tensors } = await read(file);
    const byteOffset = placeOf(countingBytes(6 * size), file) + size;
    expect(tensors).toEqual([{ name: "a", dtype, shape: [5], byteOffset, byteLength: 5 * size }]);
  });

  it("says which storages cannot be read", async () => {
    const failure = await refusal(torchZip(textDict({ a: tensor({ ...matrix, storage: "QInt8Storage" }) }), {}));
    expect(failure).toMatchObject({ code: "dtype-unknown", actual: '"torch.QInt8Storage"' });
    expect(failure.where).toContain('m.bin, "a"');
  });

  it("has tensors that share a storage, each at its own offset", async () => {
    const value = textDict({
      tied: tensor(matrix),
      "embed.weight": tensor(matrix),
      "last row": tensor({ ...matrix, offset: 3, shape: [3], strides: [1] }),
    });
    const file = torchZip(value, { 0: bytes });
    const at = placeOf(bytes, file);
    const { tensors } = await read(file);
    expect(tensors.map(({ name, byteOffset }) => [name, byteOffset - at])).toEqual([
      ["tied", 0],
      ["embed.weight", 0],
      ["last row", 12],
    ]);
  });

  it("has views whose elements do not follow each other", async () => {
    const value = textDict({
      transposed: tensor({ ...matrix, shape: [3, 2], strides: [1, 3] }),
      column: tensor({ ...matrix, offset: 1, shape: [2], strides: [3] }),
      repeated: tensor({ ...matrix, shape: [2, 3], strides: [0, 1] }),
    });
    const file = torchZip(value, { 0: Uint8Array.from({ length: 24 }, (_, i) => Math.floor(i / 4) * 10 + (i % 4)) });
    const source = new MemorySource(file, "m.bin");
    const { tensors } = await read(file);
    const elements: Record<string, unknown> = {};
    for (const each of tensors) {
      const gathered = await gatherTensor(source, each);
      elements[each.name] = [each.strides, each.byteLength, [...gathered].filter((_, i) => i % 4 === 0)];
    }
    expect(elements).toEqual({
      transposed: [[1, 3], 24, [0, 30, 10, 40, 20, 50]],
      column: [[3], 8, [10, 40]],
      repeated: [[0, 1], 24, [0, 10, 20, 0, 10, 20]],
    });
  });

  it("has no strides where a dimension of 1, or of 0, makes them meaningless", async () => {
    const value = textDict({
      row: tensor({ ...matrix, shape: [1, 6], strides: [99, 1] }),
      column: tensor({ ...matrix, shape: [6, 1], strides: [1, 77] }),
      scalar: tensor({ ...matrix, offset: 5, shape: [], strides: [] }),
      empty: tensor({ ...matrix, offset: 6, shape: [0, 4], strides: [9, 9] }),
    });
    const { tensors } = await read(torchZip(value, { 0: bytes }));
    expect(tensors.every(({ strides }) => strides === undefined)).toBe(true);
    expect(tensors.map(({ name, byteLength }) => [name, byteLength])).toEqual([
      ["row", 24],
      ["column", 24],
      ["scalar", 4],
      ["empty", 0],
    ]);
  });

  it("may hold storages that nothing of the model uses, and a storage that is no whole number of elements", async () => {
    const file = torchZip(textDict({ a: tensor(matrix) }), { 0: countingBytes(26), 1: countingBytes(9) });
    expect((await read(file)).tensors).toHaveLength(1);
  });

  it("is refused when it comes from a big-endian machine", async () => {
    const order = (value: string) => ({ members: [{ name: "archive/byteorder", bytes: encode(value) }] });
    expect((await read(torchZip(oneMatrix, { 0: bytes }, order("little")))).tensors).toHaveLength(1);
    const failure = await refusal(torchZip(oneMatrix, { 0: bytes }, order("big")));
    expect(failure).toMatchObject({ code: "checkpoint-unsupported", where: "m.bin", actual: '"big"' });
    expect((await refusal(torchZip(oneMatrix, { 0: bytes }, order("x".repeat(99))))).code).toBe(
      "checkpoint-unsupported",
    );
  });

  it("is refused when a storage is missing, or not of the size that the pickle says", async () => {
    const missing = await refusal(torchZip(oneMatrix, { 1: bytes }));
    expect(missing).toMatchObject({ code: "zip-invalid", where: 'm.bin, "archive/data/0"', actual: "no such member" });
    for (const byteLength of [0, 23, 28, 4096]) {
      const failure = await refusal(torchZip(oneMatrix, { 0: countingBytes(byteLength) }));
      expect(failure).toMatchObject({
        code: "zip-invalid",
        expected: "24 bytes, as the pickle says",
        actual: `${byteLength} bytes`,
      });
    }
  });

  it("is refused when it is another kind of archive", async () => {
    const torchScript = { members: [{ name: "archive/constants.pkl", bytes: encode("x") }] };
    expect(await refusal(torchZip(oneMatrix, { 0: bytes }, torchScript))).toMatchObject({
      code: "pickle-refused",
      what: "The file is a TorchScript program",
    });
    const packed = [{ name: "archive/code/x.py", bytes, method: 8, storedLength: 24, length: 90 }];
    expect(await refusal(torchZip(oneMatrix, { 0: bytes }, { members: packed }))).toMatchObject({
      code: "zip-invalid",
      where: 'm.bin, "archive/code/x.py"',
      actual: "a compressed one",
    });
    const script = { members: [...packed, ...torchScript.members] };
    expect((await refusal(torchZip(oneMatrix, { 0: bytes }, script))).what).toBe("The file is a TorchScript program");
    const two = { members: [{ name: "other/data.pkl", bytes: pickle(oneMatrix) }] };
    expect(await refusal(torchZip(oneMatrix, { 0: bytes }, two))).toMatchObject({
      code: "zip-invalid",
      actual: '"archive", "other"',
    });
    const nested = await refusal(torchZip(oneMatrix, { 0: bytes }, { root: "a/b" }));
    expect(nested).toMatchObject({ code: "zip-invalid", expected: "one folder with a data.pkl" });
  });

  it("is refused when the pickle is not all of data.pkl", async () => {
    const failure = await refusal(torchZip(Uint8Array.from([...pickle(oneMatrix), 0]), { 0: bytes }));
    expect(failure).toMatchObject({ code: "pickle-invalid", actual: "1 bytes more" });
  });

  it("is read through a small window, and of its storages nothing is read", async () => {
    const names = Array.from({ length: 3000 }, (_, i) => `model.layers.${i}.self_attn.q_proj.weight`);
    const value = dict(names.map((name) => [text(name), tensor(matrix)]));
    const source = new MemorySource(torchZip(value, { 0: bytes }), "m.bin");
    const largest: number[] = [];
    const watched = {
      name: source.name,
      byteLength: source.byteLength,
      readInto: (destination: Uint8Array, byteOffset: number) => {
        largest.push(destination.length);
        return source.readInto(destination, byteOffset);
      },
    };
    const { tensors } = await readWeightsHeader(watched, "m.bin");
    expect(tensors.map(({ name }) => name)).toEqual(names);
    expect(Math.max(...largest)).toBeLessThanOrEqual(64 * 1024);
  });
});

describe("plain data beside a tensor", () => {
  const plain = {
    none: op("NONE"),
    int: int(-5),
    large: int(2 ** 40),
    huge: op("LONG1", 9, 0, 0, 0, 0, 0, 0, 0, 0, 1),
    float: op("BINFLOAT", 0x3f, 0xf0, 0, 0, 0, 0, 0, 0),
    bytes: op("SHORT_BINBYTES", 2, 0xff, 0xfe),
    "not UTF-8": op("SHORT_BINSTRING", 2, 0xff, 0xfe),
    "long text": text("x".repeat(20_000)),
    list: list(int(1), list()),
    dict: dict([[int(0), textDict({ a: int(1) })]]),
    dtype: global("torch", "float16"),
    size: [...global("torch", "Size"), ...op("MARK"), ...int(3), ...op("TUPLE"), ...op("TUPLE1"), ...op("REDUCE")],
    device: [...global("torch", "device"), ...text("cuda"), ...op("TUPLE1"), ...op("REDUCE")],
  };

  it("is passed over, of whatever kind", async () => {
    const file = torchZip(textDict({ ...plain, weight: tensor(matrix) }), { 0: bytes });
    expect((await read(file)).tensors.map(({ name }) => name)).toEqual(["weight"]);
  });

  it("is not passed over when there is a tensor or a storage in it", async () => {
    for (const inner of [tensor(matrix), storage(matrix)]) {
      const failure = await refusal(
        torchZip(textDict({ weight: tensor(matrix), extra: list(list(inner)) }), { 0: bytes }),
      );
      expect(failure).toMatchObject({
        code: "state-dict-ambiguous",
        where: "m.bin",
        actual: 'more tensors in "extra"',
      });
    }
  });
});
