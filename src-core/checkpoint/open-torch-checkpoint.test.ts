import { describe, expect, it } from "vitest";
import { rejectionOf } from "../test-support/failure-of.ts";
import { type MemoryEntry, MemoryFolder } from "../test-support/memory-folder.ts";
import { op, textDict } from "../test-support/pickle-bytes.ts";
import { safetensorsBytes } from "../test-support/safetensors-bytes.ts";
import { countingBytes, legacyTensor, tensor, torchLegacy, torchZip } from "../test-support/torch-bytes.ts";
import { sparseZip } from "../test-support/zip-bytes.ts";
import type { CheckpointFolder } from "./checkpoint-folder.ts";
import { openCheckpoint } from "./open-checkpoint.ts";
import { formatShardIndex } from "./shard-index.ts";

const spec = { key: "0", storage: "BFloat16Storage", count: 6, shape: [2, 3], strides: [3, 1] };
const file = (...names: string[]) =>
  torchZip(textDict(Object.fromEntries(names.map((name) => [name, tensor(spec)]))), { 0: countingBytes(12) });
const index = (map: Record<string, string>) => formatShardIndex(Object.entries(map), 24);
const open = (entries: Record<string, MemoryEntry>, pickedFile: string | null = null) =>
  openCheckpoint(new MemoryFolder(entries, pickedFile));
const refusal = (entries: Record<string, MemoryEntry>, pickedFile: string | null = null) =>
  rejectionOf(() => open(entries, pickedFile));
const filesOf = async (entries: Record<string, MemoryEntry>, pickedFile: string | null = null) =>
  (await open(entries, pickedFile)).files.map(({ name }) => name);

const first = "pytorch_model-00001-of-00002.bin";
const second = "pytorch_model-00002-of-00002.bin";
const indexName = "pytorch_model.bin.index.json";
const sharded = { [indexName]: index({ b: second, a: first }), [first]: file("a"), [second]: file("b") };

describe("opening a checkpoint of PyTorch files", () => {
  it("reads a folder with one file", async () => {
    const bytes = file("a");
    const checkpoint = await open({ "pytorch_model.bin": bytes, "config.json": '{"hidden_size":3}' });
    expect(checkpoint).toMatchObject({
      path: "/model",
      format: "pytorch",
      files: [{ name: "pytorch_model.bin", byteLength: bytes.length }],
      metadata: {},
    });
    expect(checkpoint.tensors).toEqual([
      { name: "a", dtype: "BF16", shape: [2, 3], file: 0, byteOffset: expect.any(Number), byteLength: 12 },
    ]);
    expect(checkpoint.config?.hiddenSize).toBe(3);
  });

  it("reads shards by their index, and what a picked index or file names", async () => {
    expect((await open(sharded)).tensors.map(({ name, file }) => [name, file])).toEqual([
      ["a", 0],
      ["b", 1],
    ]);
    expect(await filesOf(sharded, indexName)).toEqual([first, second]);
    expect(await filesOf(sharded, second)).toEqual([second]);
  });

  it("prefers safetensors where a folder has both", async () => {
    const safetensors = safetensorsBytes([{ name: "a", dtype: "F32", shape: [1] }]);
    expect(await filesOf({ ...sharded, "model.safetensors": safetensors })).toEqual(["model.safetensors"]);
  });

  it("takes the usual name alone, or else all files that are no trainer's", async () => {
    expect(await filesOf({ "pytorch_model.bin": file("a"), "other.pt": file("b") })).toEqual(["pytorch_model.bin"]);
    const trained = {
      "consolidated.00.pth": file("a"),
      "training_args.bin": "x",
      "optimizer.pt": "x",
      "optimizer.bin": "x",
      "scheduler.pt": "x",
      "rng_state.pth": "x",
      "rng_state_0.pth": "x",
      "random_states_0.pkl": "x",
      "scaler.pt": "x",
      "._consolidated.00.pth": "x",
    };
    expect(await filesOf(trained)).toEqual(["consolidated.00.pth"]);
  });

  it("takes a picked file for what its bytes say", async () => {
    const safetensors = safetensorsBytes([{ name: "a", dtype: "F32", shape: [1] }]);
    const legacy = torchLegacy(textDict({ a: legacyTensor(spec) }), [{ key: "0", count: 6, bytes: countingBytes(12) }]);
    const blobs = { "0a1b": file("a"), "2c3d": legacy, "4e5f": safetensors, "renamed.bin": safetensors };
    const formats = await Promise.all(Object.keys(blobs).map(async (name) => (await open(blobs, name)).format));
    expect(formats).toEqual(["pytorch", "pytorch", "safetensors", "safetensors"]);
  });

  it("takes no safetensors file for a PyTorch one, whatever its header's length", async () => {
    // "PK\3\4" as a length, and the magic number's start as one that no header has.
    const zipLike = Uint8Array.from([0x50, 0x4b, 3, 4, 0, 0, 0, 0, 0x7b, 0x7d]);
    expect((await refusal({ m: zipLike }, "m")).code).toBe("header-truncated");
  });

  it("opens thirty shards of a 70B model at once, reading next to nothing", async () => {
    const { folder, bytesRead } = largeModel();
    const start = process.cpuUsage();
    const { tensors } = await openCheckpoint(folder);
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(1000);
    expect(tensors).toHaveLength(30 * 27);
    expect(tensors.reduce((sum, { byteLength }) => sum + byteLength, 0)).toBeGreaterThan(130e9);
    expect(bytesRead()).toBeLessThan(2 * 1024 * 1024);
  });
});

describe("a checkpoint of PyTorch files is refused, file and tensor named,", () => {
  it("when a shard is missing, with an index and without", async () => {
    const { [second]: _, ...rest } = sharded;
    expect(await refusal(rest)).toMatchObject({ code: "shard-missing", where: `/model, "${second}"` });
    expect(await refusal({ [second]: file("b") })).toMatchObject({
      code: "shard-missing",
      where: `/model, "${first}"`,
    });
  });

  it("when a shard lacks a tensor that the index promises", async () => {
    const failure = await refusal({ ...sharded, [second]: file("c") });
    expect(failure).toMatchObject({ code: "shard-tensor-missing", where: `/model, "${second}", tensor "b"` });
  });

  it("when a file is something else", async () => {
    const cases: [string, string | Uint8Array, string, string][] = [
      ["a pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", "lfs-pointer", "pointer"],
      ["a page", "<!doctype html>", "not-pytorch", "a web page"],
      ["nothing", "", "not-pytorch", "an empty file"],
      ["text", "hello, this is text", "not-pytorch", "68 65 6c 6c 6f"],
      ["GGUF", "GGUF\u0003", "not-pytorch", "a GGUF file"],
      ["another pickle", Uint8Array.from([0x80, 2, ...op("NONE"), ...op("STOP")]), "not-pytorch", "a Python pickle"],
    ];
    for (const [title, bytes, code, says] of cases) {
      const failure = await refusal({ "pytorch_model.bin": bytes });
      expect(failure, title).toMatchObject({ code, where: "/model/pytorch_model.bin" });
      expect(failure.message, title).toContain(says);
      expect(failure.advice, title).toBeTruthy();
    }
    expect(await refusal({ "model.safetensors": file("a") })).toMatchObject({ code: "not-safetensors" });
  });

  it("when two files hold the same tensor, or one of them is of another format", async () => {
    expect((await refusal({ "a.pt": file("w"), "b.pt": file("w") })).code).toBe("tensor-duplicate");
    const safetensors = safetensorsBytes([{ name: "x", dtype: "F32", shape: [1] }]);
    const failure = await refusal({ "a.pt": file("w"), "b.pt": safetensors });
    expect(failure).toMatchObject({ code: "checkpoint-unsupported", where: "/model" });
    expect(failure.actual).toBe('"a.pt": pytorch, "b.pt": safetensors');
  });
});

/** 30 shards of 27 tensors of 170 MB each, as PyTorch writes them; no byte of the tensors exists. */
function largeModel(): { folder: CheckpointFolder; bytesRead: () => number } {
  const weight = { storage: "BFloat16Storage", count: 8192 * 10_240, shape: [8192, 10_240], strides: [10_240, 1] };
  const names: [string, string][] = [];
  const sources = new Map<string, ReturnType<typeof sparseZip>>();
  for (let shard = 0; shard < 30; shard++) {
    const name = `pytorch_model-${String(shard + 1).padStart(5, "0")}-of-00030.bin`;
    const keys = Array.from({ length: 27 }, (_, key) => `model.layers.${shard}.${key}.weight`);
    for (const key of keys) names.push([key, name]);
    const value = textDict(Object.fromEntries(keys.map((key, i) => [key, tensor({ ...weight, key: String(i) })])));
    const root = name.replace(".bin", "");
    const hole = weight.count * 2;
    const fields = { flags: 0x808, alignment: 64 };
    const pickleBytes = Uint8Array.from([0x80, 2, ...value, ...op("STOP")]);
    const members = keys.map((_, i) => ({
      name: `${root}/data/${i}`,
      bytes: new Uint8Array(),
      hole,
      zip64: true,
      ...fields,
    }));
    const all = [{ name: `${root}/data.pkl`, bytes: pickleBytes, ...fields }, ...members];
    sources.set(name, sparseZip(all, { zip64: true }, name));
  }
  const files = new MemoryFolder({ [indexName]: formatShardIndex(names, 0) });
  let read = 0;
  const folder: CheckpointFolder = {
    path: "/large",
    pickedFile: null,
    list: async () => [
      ...(await files.list()),
      ...[...sources].map(([name, { byteLength }]) => ({ name, kind: "file" as const, byteLength })),
    ],
    open: async (name) => {
      const source = sources.get(name) ?? (await files.open(name));
      return {
        name: source.name,
        byteLength: source.byteLength,
        readInto: (destination, byteOffset) => {
          read += destination.length;
          return source.readInto(destination, byteOffset);
        },
      };
    },
  };
  return { folder, bytesRead: () => read };
}
