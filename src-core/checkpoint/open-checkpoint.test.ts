import { describe, expect, it } from "vitest";
import { rejectionOf } from "../test-support/failure-of.ts";
import { type MemoryEntry, MemoryFolder } from "../test-support/memory-folder.ts";
import { safetensorsBytes } from "../test-support/safetensors-bytes.ts";
import { openCheckpoint } from "./open-checkpoint.ts";
import { formatShardIndex } from "./shard-index.ts";

const file = (...names: string[]) =>
  safetensorsBytes(
    names.map((name) => ({ name, dtype: "BF16", shape: [2, 3] })),
    { format: "pt" },
  );
const index = (map: Record<string, string>) => formatShardIndex(Object.entries(map), 24);
const open = (entries: Record<string, MemoryEntry>, pickedFile: string | null = null) =>
  openCheckpoint(new MemoryFolder(entries, pickedFile));
const refusal = (entries: Record<string, MemoryEntry>, pickedFile: string | null = null) =>
  rejectionOf(() => open(entries, pickedFile));

const first = "model-00001-of-00002.safetensors";
const second = "model-00002-of-00002.safetensors";
const indexName = "model.safetensors.index.json";
const sharded = {
  [indexName]: index({ b: second, a: first, c: second }),
  [first]: file("a"),
  [second]: file("b", "c"),
};
const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";

describe("opening a checkpoint", () => {
  it("reads a folder with one file", async () => {
    const bytes = file("a", "b");
    const checkpoint = await open({ "model.safetensors": bytes, "README.md": "# model" });
    const start = bytes.length - 24;
    expect(checkpoint).toEqual({
      path: "/model",
      format: "safetensors",
      files: [{ name: "model.safetensors", byteLength: bytes.length }],
      tensors: [
        { name: "a", dtype: "BF16", shape: [2, 3], file: 0, byteOffset: start, byteLength: 12 },
        { name: "b", dtype: "BF16", shape: [2, 3], file: 0, byteOffset: start + 12, byteLength: 12 },
      ],
      metadata: { format: "pt" },
      config: null,
    });
  });

  it("reads shards by their index, files by name and tensors by offset", async () => {
    const { files, tensors } = await open(sharded);
    expect(files.map(({ name }) => name)).toEqual([first, second]);
    expect(tensors.map(({ name, file }) => [name, file])).toEqual([
      ["a", 0],
      ["b", 1],
      ["c", 1],
    ]);
  });

  it("reads what a picked index names, and of a picked file only that", async () => {
    expect((await open(sharded, indexName)).tensors).toHaveLength(3);
    const checkpoint = await open({ ...sharded, "config.json": '{"hidden_size":64}' }, second);
    expect(checkpoint.path).toBe(`/model/${second}`);
    expect(checkpoint.files.map(({ name }) => name)).toEqual([second]);
    expect(checkpoint.config?.hiddenSize).toBe(64);
  });

  it("prefers the index to files beside it, whatever either is called", async () => {
    const map = { "x.safetensors.index.json": index({ a: "weights.safetensors" }), "weights.safetensors": file("a") };
    const { files } = await open({ ...map, "consolidated.safetensors": file("other") });
    expect(files.map(({ name }) => name)).toEqual(["weights.safetensors"]);
    const beside = await open({ ...sharded, "model.safetensors": file("old") });
    expect(beside.tensors.map(({ name }) => name)).toEqual(["a", "b", "c"]);
  });

  it("takes model.safetensors alone from files without an index", async () => {
    const { files } = await open({ "model.safetensors": file("a"), "consolidated.safetensors": file("b") });
    expect(files.map(({ name }) => name)).toEqual(["model.safetensors"]);
  });

  it("takes all files without an index when no tensor is in two", async () => {
    const { files, tensors } = await open({
      "vision.safetensors": file("v"),
      "text.safetensors": file("t"),
      "._text.safetensors": "x",
    });
    expect(files.map(({ name }) => name)).toEqual(["text.safetensors", "vision.safetensors"]);
    expect(tensors.map(({ name }) => name)).toEqual(["t", "v"]);
  });

  it("keeps a tensor that a shard holds and the index does not list", async () => {
    const { tensors } = await open({ ...sharded, [indexName]: index({ a: first, b: second }) });
    expect(tensors.map(({ name }) => name)).toEqual(["a", "b", "c"]);
  });

  it("takes a tensor that two shards hold from the one that the index names", async () => {
    const entries = { [indexName]: index({ a: first, b: second }), [first]: file("a", "b"), [second]: file("b") };
    const { tensors } = await open(entries);
    expect(tensors.map(({ name, file }) => [name, file])).toEqual([
      ["a", 0],
      ["b", 1],
    ]);
  });

  it("reads config.json", async () => {
    const config = '{"architectures":["LlamaForCausalLM"],"num_hidden_layers":2}';
    const checkpoint = await open({ "model.safetensors": file("a"), "config.json": config });
    expect(checkpoint.config).toMatchObject({ architecture: "LlamaForCausalLM", layerCount: 2 });
  });

  it("opens nothing but the index, its shards and the config", async () => {
    const folder = new MemoryFolder({
      ...sharded,
      "config.json": "{}",
      "tokenizer.json": "{}",
      pipe: { kind: "other" },
    });
    await openCheckpoint(folder);
    expect(folder.opened.sort()).toEqual(["config.json", first, second, indexName]);
  });
});

describe("a checkpoint is refused, file and tensor named,", () => {
  it("when the folder holds no weights, saying what it holds", async () => {
    expect(await refusal({})).toMatchObject({ code: "checkpoint-empty", where: "/model", actual: "an empty folder" });
    expect(await refusal({ "config.json": "{}", "a.txt": "x" })).toMatchObject({ code: "checkpoint-empty" });
    expect((await refusal({ "llama.Q4_K_M.gguf": "GGUF" })).message).toContain("GGUF files cannot be read");
    const cache = await refusal({ snapshots: { kind: "folder" }, blobs: { kind: "folder" }, refs: { kind: "folder" } });
    expect(cache.advice).toContain("snapshots");
  });

  it("when the files hold no tensor", async () => {
    expect(await refusal({ "model.safetensors": file() })).toMatchObject({ code: "checkpoint-empty", actual: "none" });
  });

  it("when a shard is missing", async () => {
    const { [second]: _, ...rest } = sharded;
    const failure = await refusal(rest);
    expect(failure).toMatchObject({ code: "shard-missing", where: `/model, "${second}"`, actual: "no such file" });
    expect(failure.expected).toContain('tensor "b"');
  });

  it("when a shard is a broken link, a folder or a pipe", async () => {
    const kinds = {
      "broken-link": "a link that leads nowhere",
      folder: "a folder",
      other: "a device, pipe or socket",
    } as const;
    for (const kind of ["broken-link", "folder", "other"] as const) {
      const failure = await refusal({ ...sharded, [second]: { kind } });
      expect(failure).toMatchObject({ code: "shard-missing", where: `/model, "${second}"`, actual: kinds[kind] });
    }
  });

  it("when a shard is a link out of the folder, or the index names a path", async () => {
    const link = await refusal({ ...sharded, [second]: { kind: "outside" } });
    expect(link).toMatchObject({ code: "shard-outside", where: `/model, "${second}"` });
    const path = await refusal({ ...sharded, [indexName]: index({ a: first, b: `../${second}` }) });
    expect(path).toMatchObject({ code: "shard-outside", where: `/model/${indexName}, tensor "b"` });
  });

  it("when one of a numbered set is missing, though no index says so", async () => {
    const failure = await refusal({ [second]: file("b") });
    expect(failure).toMatchObject({ code: "shard-missing", where: `/model, "${first}"` });
    expect(failure.expected).toContain(second);
  });

  it("when a shard lacks a tensor that the index promises", async () => {
    const failure = await refusal({ ...sharded, [second]: file("c") });
    expect(failure).toMatchObject({
      code: "shard-tensor-missing",
      where: `/model, "${second}", tensor "b"`,
      actual: "1 missing",
    });
  });

  it("when a shard is cut", async () => {
    const failure = await refusal({ ...sharded, [second]: file("b", "c").slice(0, -5) });
    expect(failure).toMatchObject({ code: "file-truncated", where: `/model/${second}, tensor "c"` });
    expect(failure.message).toMatch(/expected \d+ bytes, actual \d+ bytes/);
  });

  it("when a shard is a Git LFS pointer, and so when the config is", async () => {
    const shard = await refusal({ ...sharded, [first]: pointer });
    expect(shard).toMatchObject({ code: "lfs-pointer", where: `/model/${first}` });
    const config = await refusal({ ...sharded, "config.json": pointer });
    expect(config).toMatchObject({ code: "lfs-pointer", where: "/model/config.json" });
  });

  it("always for the first file at fault", async () => {
    for (let run = 0; run < 5; run++) {
      const failure = await refusal({ ...sharded, [first]: "not weights", [second]: pointer });
      expect(failure).toMatchObject({ code: "not-safetensors", where: `/model/${first}` });
    }
  });

  it("when two files without an index hold the same tensor", async () => {
    const failure = await refusal({ "one.safetensors": file("a"), "two.safetensors": file("b", "a") });
    expect(failure).toMatchObject({ code: "tensor-duplicate", where: '/model, tensor "a"' });
    expect(failure.actual).toBe('"one.safetensors" and "two.safetensors"');
  });

  it("when there are several indexes to choose from", async () => {
    const entries = { "x.safetensors.index.json": "{}", "y.safetensors.index.json": "{}" };
    expect(await refusal(entries)).toMatchObject({ code: "checkpoint-unsupported", where: "/model" });
  });

  it("when the index names files of two formats, or of none", async () => {
    for (const other of ["b.bin", "b.txt"]) {
      const failure = await refusal({ ...sharded, [indexName]: index({ a: first, b: other }), [other]: "x" });
      expect(failure).toMatchObject({ code: "checkpoint-unsupported", where: `/model/${indexName}` });
      expect(failure.actual).toContain(other);
    }
  });

  it("when the index or the config is malformed", async () => {
    expect(await refusal({ ...sharded, [indexName]: "{" })).toMatchObject({ code: "index-invalid" });
    const weights = { "model.safetensors": file("a") };
    expect(await refusal({ ...weights, "config.json": "[1]" })).toMatchObject({
      code: "config-invalid",
      where: "/model/config.json",
    });
    expect(await refusal({ ...weights, "config.json": Uint8Array.of(0x22, 0xff, 0x22) })).toMatchObject({
      code: "config-invalid",
      actual: "text that is not UTF-8",
    });
    expect(await refusal({ ...weights, "config.json": { kind: "broken-link" } })).toMatchObject({
      code: "config-invalid",
      where: '/model, "config.json"',
    });
  });

  it("when a file is picked that is something else", async () => {
    expect(await refusal({ "config.json": "{}" }, "config.json")).toMatchObject({ code: "index-invalid" });
    expect(await refusal({ "model.onnx": "ONNX is not read" }, "model.onnx")).toMatchObject({
      code: "not-safetensors",
      where: "/model/model.onnx",
    });
  });
});
