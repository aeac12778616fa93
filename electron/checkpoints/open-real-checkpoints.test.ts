import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Checkpoint } from "../../src-core/checkpoint/checkpoint.ts";
import { parameterCount } from "../../src-core/checkpoint/checkpoint.ts";
import { openCheckpoint } from "../../src-core/checkpoint/open-checkpoint.ts";
import { decodeElement } from "../../src-core/reference/decode.ts";
import { encodeElement } from "../../src-core/reference/encode.ts";
import { rejectionOf } from "../../src-core/test-support/failure-of.ts";
import { gatherTensor } from "../../src-core/test-support/gather-tensor.ts";
import { type NodeCheckpointFolder, openCheckpointFolder } from "./checkpoint-folder.ts";

const here = fileURLToPath(new URL(".", import.meta.url));
const real = resolve(here, "../../../shared/real");
const script = resolve(here, "../../src-core/test-support/write_checkpoint.py");
const hasPython = spawnSync("python3", ["--version"]).status === 0;

let opened: NodeCheckpointFolder[] = [];

afterEach(() => {
  for (const folder of opened) folder.close();
  opened = [];
});

async function open(path: string): Promise<{ folder: NodeCheckpointFolder; checkpoint: Checkpoint }> {
  const folder = await openCheckpointFolder(path);
  opened.push(folder);
  return { folder, checkpoint: await openCheckpoint(folder) };
}

describe.skipIf(!existsSync(join(real, "mnist")))("the MNIST checkpoints of another project", () => {
  it.each(["base.safetensors", "chat.safetensors"])("open: %s", async (name) => {
    const { checkpoint } = await open(join(real, "mnist", name));
    expect(checkpoint.files.map((file) => file.name)).toEqual([name]);
    expect(checkpoint.config).toBeNull();
    const counts = checkpoint.tensors.filter(({ dtype }) => dtype === "I64");
    expect(counts.map((tensor) => tensor.name).sort()).toEqual([
      "norm1.num_batches_tracked",
      "norm2.num_batches_tracked",
    ]);
    expect(counts.every(({ shape, byteLength }) => shape.length === 0 && byteLength === 8)).toBe(true);
    expect(parameterCount(checkpoint)).toBeGreaterThan(300_000);
  });

  it("hold the same tensors", async () => {
    const outline = async (name: string) => {
      const { checkpoint } = await open(join(real, "mnist", name));
      return checkpoint.tensors.map(({ name, dtype, shape }) => `${name} ${dtype} ${shape}`).sort();
    };
    expect(await outline("chat.safetensors")).toEqual(await outline("base.safetensors"));
  });

  it("are refused as a folder, as they are two models", async () => {
    const failure = await rejectionOf(() => open(join(real, "mnist")));
    expect(failure.code).toBe("tensor-duplicate");
    expect(failure.actual).toBe('"base.safetensors" and "chat.safetensors"');
  });
});

interface Content {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly hex: string;
}

/** Dtype, shape and bytes, in the shape's order, of each tensor by name. */
async function contentsOf(path: string): Promise<Map<string, Content>> {
  const { folder, checkpoint } = await open(path);
  const contents = new Map<string, Content>();
  for (const tensor of checkpoint.tensors) {
    const file = await folder.open(checkpoint.files[tensor.file]?.name ?? "");
    const hex = Buffer.from(await gatherTensor(file, tensor)).toString("hex");
    contents.set(tensor.name, { dtype: tensor.dtype, shape: tensor.shape, hex });
  }
  return contents;
}

/** BF16 as F16, rounded to nearest even as PyTorch's .half() does it. */
function halvesOf(hex: string): string {
  const from = Buffer.from(hex, "hex");
  const to = Buffer.alloc(from.length);
  for (let at = 0; at < from.length; at += 2) {
    to.writeUInt16LE(encodeElement("F16", decodeElement("BF16", from.readUInt16LE(at))), at);
  }
  return to.toString("hex");
}

describe.skipIf(!existsSync(join(real, "torch")))("the PyTorch checkpoints", () => {
  const expected = join(real, "torch/llama-pico-expected.safetensors");

  it("hold in shards exactly what PyTorch meant, a view and a shared storage among it", async () => {
    const { checkpoint } = await open(join(real, "torch/llama-pico"));
    expect(checkpoint).toMatchObject({ format: "pytorch", config: { layerCount: 2, tieWordEmbeddings: true } });
    expect(checkpoint.files).toHaveLength(2);
    const places = new Map(checkpoint.tensors.map((tensor) => [tensor.name, tensor]));
    expect(places.get("model.layers.0.mlp.down_proj.weight")?.strides).toEqual([1, 64]);
    expect(places.get("lm_head.weight")?.byteOffset).toBe(places.get("model.embed_tokens.weight")?.byteOffset);
    expect(await contentsOf(join(real, "torch/llama-pico"))).toEqual(await contentsOf(expected));
  });

  it("hold in the format before 1.6 the same, as halves", async () => {
    const halves = await contentsOf(expected);
    for (const [name, { shape, hex }] of halves) halves.set(name, { dtype: "F16", shape, hex: halvesOf(hex) });
    expect(await contentsOf(join(real, "torch/legacy.bin"))).toEqual(halves);
  });

  it("hold for MNIST what the safetensors file beside it does", async () => {
    const contents = await contentsOf(join(real, "mnist/chat.pt"));
    expect(contents.size).toBe(20);
    expect(contents).toEqual(await contentsOf(join(real, "mnist/chat.safetensors")));
  });
});

describe.skipIf(!hasPython)("a sharded checkpoint that Python's struct and json wrote", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "python-checkpoint-"));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ["BF16", 3],
    ["F16", 2],
    ["F32", 1],
  ])("is read as it was meant: %s in %d shards", async (dtype, shards) => {
    execFileSync("python3", [script, folder, "--dtype", dtype, "--shards", String(shards), "--seed", "7"]);
    const { folder: files, checkpoint } = await open(folder);
    const expected = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")) as {
      name: string;
      file: string;
    }[];
    const read = [];
    for (const { name, dtype, shape, file, byteOffset, byteLength } of checkpoint.tensors) {
      const fileName = checkpoint.files[file]?.name ?? "";
      const bytes = Buffer.alloc(byteLength);
      await (await files.open(fileName)).readInto(bytes, byteOffset);
      read.push({ name, dtype, shape, file: fileName, byteOffset, byteLength, hex: bytes.toString("hex") });
    }
    const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
    expect(read.sort(byName)).toEqual(expected.sort(byName));
    expect(checkpoint.files).toHaveLength(shards);
    expect(checkpoint.metadata).toEqual({ format: "pt" });
    expect(checkpoint.config).toMatchObject({ layerCount: 3, vocabularySize: 24, tieWordEmbeddings: false });
  });
});
