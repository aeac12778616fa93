import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { StudioError } from "../../src-core/errors.ts";
import { listCachedModels } from "./cached-models.ts";
import { cacheFolder } from "./hugging-face-cache.ts";

let root: string;
let hub: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "cached-models-"));
  hub = join(root, "hub");
  mkdirSync(hub);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

interface Cached {
  readonly hash?: string;
  readonly ref?: string;
  /** Bytes of each file; null: a link that leads nowhere. */
  readonly files: Readonly<Record<string, number | null>>;
  readonly blobs?: string;
}

/** A model as the hub's tools lay it out: links of a snapshot lead to blobs. */
function cache(id: string, { hash = "0a1b2c3d4e5f", ref = "main", files, blobs }: Cached): string {
  const model = join(hub, `models--${id.replace("/", "--")}`);
  const store = blobs ?? join(model, "blobs");
  const snapshot = join(model, "snapshots", hash);
  for (const folder of [store, snapshot, join(model, "refs")]) mkdirSync(folder, { recursive: true });
  if (ref !== "") writeFileSync(join(model, "refs", ref), hash);
  for (const [name, bytes] of Object.entries(files)) {
    const blob = join(store, `${hash}-${name}`);
    if (bytes !== null) writeFileSync(blob, new Uint8Array(bytes));
    symlinkSync(blob, join(snapshot, name));
  }
  return snapshot;
}

const list = () => listCachedModels(hub);
const problems = async () => Object.fromEntries((await list()).models.map(({ name, problem }) => [name, problem]));
const whole = { "config.json": 2, "model.safetensors": 1000 };

describe("the local Hugging Face cache", () => {
  test("is listed by name, size, date and revision, the latest first", async () => {
    const older = cache("org/older", { files: whole });
    const newer = cache("gpt2", { ref: "v2", files: { "model.safetensors": 5, "pytorch_model.bin": 77 } });
    mkdirSync(join(hub, "datasets--org--data"));
    utimesSync(older, 1000, 1000);
    utimesSync(newer, 2000, 2000);
    expect(await list()).toEqual({
      exists: true,
      truncated: false,
      models: [
        { name: "gpt2", path: newer, revision: "v2", bytes: 5, modifiedMs: 2_000_000, problem: null },
        { name: "org/older", path: older, revision: "main", bytes: 1000, modifiedMs: 1_000_000, problem: null },
      ],
    });
  });

  test("may be a shared store: links to links, to folders and out of the cache are followed", async () => {
    const shared = join(root, "shared");
    const snapshot = cache("org/linked", { files: {}, blobs: shared });
    writeFileSync(join(shared, "blob"), new Uint8Array(42));
    symlinkSync(join(shared, "blob"), join(shared, "second"));
    symlinkSync(join(shared, "second"), join(snapshot, "model.safetensors"));
    const elsewhere = join(root, "elsewhere");
    mkdirSync(join(elsewhere, "snapshots", "abc"), { recursive: true });
    writeFileSync(join(elsewhere, "snapshots", "abc", "model.safetensors"), "x");
    symlinkSync(elsewhere, join(hub, "models--org--moved"));
    const { models } = await list();
    expect(models.map(({ name, bytes, revision, problem }) => [name, bytes, revision, problem]).sort()).toEqual([
      ["org/linked", 42, "main", null],
      ["org/moved", 1, "abc", null],
    ]);
  });

  test("says what is broken, incomplete, or no model, and why", async () => {
    cache("a/broken", { files: { "config.json": 2, "model.safetensors": null } });
    const circle = cache("a/circle", { files: {} });
    symlinkSync(join(circle, "model.safetensors"), join(circle, "model.safetensors"));
    cache("a/shards", { files: { "model-00001-of-00003.safetensors": 5, "model.safetensors.index.json": 9 } });
    cache("a/index", { files: { "model.safetensors.index.json": 9 } });
    cache("a/config", { files: { "config.json": 2, "tokenizer.json": 2 } });
    cache("a/gguf", { files: { "model.Q4_K_M.gguf": 9 } });
    cache("a/adapter", { files: { "adapter_model.safetensors": 9 } });
    cache("a/empty", { files: { "model.safetensors": 0 } });
    cache("a/loading", { files: { "config.json": 2 } });
    writeFileSync(join(hub, "models--a--loading", "blobs", "abc.incomplete"), new Uint8Array(9));
    mkdirSync(join(hub, "models--a--nothing"));
    writeFileSync(join(hub, "models--a--file"), "");
    expect(await problems()).toEqual({
      "a/broken": "one link to its weights leads nowhere",
      "a/circle": "one link to its weights leads nowhere",
      "a/shards": "2 files of its weights are missing",
      "a/index": "the files that its index names are missing",
      "a/config": "no weights were downloaded",
      "a/gguf": "GGUF files, which cannot be merged",
      "a/adapter": "an adapter, not a whole model",
      "a/empty": "a file of its weights is empty",
      "a/loading": "its download has not finished",
      "a/nothing": "nothing of it was downloaded",
      "a/file": "nothing of it was downloaded",
    });
  });

  test("lists every whole snapshot of a model, and of broken ones one", async () => {
    cache("org/two", { hash: "aaaaaaaaaaaa", files: whole });
    cache("org/two", { hash: "bbbbbbbbbbbb", ref: "", files: whole });
    cache("org/two", { hash: "cccccccccccc", ref: "", files: { "config.json": 2 } });
    cache("org/bad", { hash: "dddddddddddd", files: { "config.json": 2 } });
    cache("org/bad", { hash: "eeeeeeeeeeee", ref: "", files: { "config.json": 2 } });
    const { models } = await list();
    expect(models.map(({ name, revision }) => `${name} ${revision}`).sort()).toEqual([
      "org/bad main",
      "org/two bbbbbbb",
      "org/two main",
    ]);
  });

  test("that is not there is no error; one that cannot be read is", async () => {
    expect(await listCachedModels(join(root, "none"))).toEqual({ exists: false, models: [], truncated: false });
    writeFileSync(join(root, "file"), "");
    const failure = await listCachedModels(join(root, "file")).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StudioError);
    expect(failure).toMatchObject({ failure: { code: "read-failed", what: "This folder of models cannot be read" } });
  });

  test.skipIf(process.getuid?.() === 0)("that is forbidden says so", async () => {
    chmodSync(hub, 0);
    const failure = await list().catch((error: unknown) => error);
    chmodSync(hub, 0o700);
    expect(failure).toMatchObject({ failure: { code: "checkpoint-permission" } });
  });

  test("with 200 models is listed without holding up the program", async () => {
    for (let index = 0; index < 200; index++) {
      const shards = Object.fromEntries([1, 2, 3].map((shard) => [`model-0000${shard}-of-00003.safetensors`, 1]));
      cache(`org/model-${index}`, { files: { "config.json": 2, "tokenizer.json": 2, ...shards } });
    }
    let longestGap = 0;
    let last = performance.now();
    const ticking = setInterval(() => {
      longestGap = Math.max(longestGap, performance.now() - last);
      last = performance.now();
    }, 1);
    const times: number[] = [];
    for (let round = 0; round < 5; round++) {
      const start = performance.now();
      expect((await list()).models).toHaveLength(200);
      times.push(performance.now() - start);
    }
    clearInterval(ticking);
    expect(Math.min(...times), `ms of each listing: ${times.map(Math.round).join(", ")}`).toBeLessThan(200);
    expect(longestGap).toBeLessThan(Math.max(...times) / 2);
  });
});

describe("its folder", () => {
  const variables = ["HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME", "HOME"] as const;
  const before = variables.map((name) => [name, process.env[name]] as const);

  afterEach(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  test("is where the hub's own tools have it", () => {
    for (const name of variables) delete process.env[name];
    process.env.HOME = "/home/a";
    expect(cacheFolder()).toBe("/home/a/.cache/huggingface/hub");
    process.env.XDG_CACHE_HOME = "/xdg";
    expect(cacheFolder()).toBe("/xdg/huggingface/hub");
    process.env.HF_HOME = "~/hf";
    expect(cacheFolder()).toBe("/home/a/hf/hub");
    process.env.HUGGINGFACE_HUB_CACHE = "/old";
    expect(cacheFolder()).toBe("/old");
    process.env.HF_HUB_CACHE = "/data/hub";
    expect(cacheFolder()).toBe("/data/hub");
  });
});
