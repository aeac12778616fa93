import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { StudioError } from "../../src-core/errors.ts";
import { safetensorsBytes } from "../../src-core/test-support/safetensors-bytes.ts";
import { Catalog } from "../checkpoints/catalog.ts";
import { ModelOffers } from "./model-offers.ts";
import { RecentPaths } from "./recent-paths.ts";

let folder: string;
let catalog: Catalog;
let offers: ModelOffers;
const cacheBefore = process.env.HF_HUB_CACHE;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "chat-vector-offers-")));
  process.env.HF_HUB_CACHE = join(folder, "hub");
  catalog = new Catalog();
  offers = new ModelOffers(catalog, new RecentPaths(join(folder, "profile", "recents.json")));
});

afterEach(() => {
  catalog.closeAll();
  if (cacheBefore === undefined) delete process.env.HF_HUB_CACHE;
  else process.env.HF_HUB_CACHE = cacheBefore;
  rmSync(folder, { recursive: true, force: true });
});

function model(name: string, { card = "", config = {} }: { card?: string; config?: object } = {}): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  const tensors = [{ name: "norm.weight", dtype: "F32" as const, shape: [4] }];
  writeFileSync(join(path, "model.safetensors"), safetensorsBytes(tensors));
  writeFileSync(join(path, "config.json"), JSON.stringify(config));
  if (card !== "") writeFileSync(join(path, "README.md"), card);
  return path;
}

const open = async (path: string) => (await catalog.open(path)).id;
const proposed = async (...ids: string[]) => {
  const found = await offers.proposeBases(ids);
  return found.map(({ id, place }) => [offers.pathOf(id), place]);
};

describe("a base", () => {
  test("is proposed from beside the model, else from the cache, whole snapshots only", async () => {
    const chat = model("models/a-chat", {
      card: "---\nbase_model: [org/beside, org/cached, org/broken, org/none]\n---\n",
    });
    const beside = model("models/beside");
    const cached = model("hub/models--org--cached/snapshots/abc123");
    mkdirSync(join(folder, "hub", "models--org--broken", "snapshots", "abc"), { recursive: true });
    symlinkSync("nowhere", join(folder, "hub", "models--org--broken", "snapshots", "abc", "model.safetensors"));
    expect(await proposed(await open(chat))).toEqual([
      [beside, "beside"],
      [cached, "cache"],
    ]);
  });

  test("is no model that is open already, nor the model itself", async () => {
    const chat = model("models/chat", { card: "---\nbase_model: [org/base, org/chat]\n---\n" });
    const base = model("models/base");
    expect(await proposed(await open(chat), await open(base))).toEqual([]);
  });

  test("is never looked for at a path that a model's files name", async () => {
    const secret = model("elsewhere/secret");
    const names = [secret, "../elsewhere/secret", "..", ".", "\\\\server\\share\\secret", "C:secret", "a\0b"];
    const paths = await Promise.all(
      names.map((nameOrPath, index) => model(`models/m${index}`, { config: { _name_or_path: nameOrPath } })),
    );
    for (const path of paths) expect(await proposed(await open(path))).toEqual([]);
  });

  test("is not asked of cards that are no text, or no files", async () => {
    const odd = model("models/odd");
    mkdirSync(join(odd, "README.md"));
    const binary = model("models/binary", { card: "---\nbase_model: \u0000\u0001\n---" });
    expect(await proposed(await open(odd), await open(binary))).toEqual([]);
  });
});

describe("recent models", () => {
  test("are listed by name, the latest first, by ids that open them, and kept for the next start", async () => {
    const first = model("models/first");
    const cached = model("hub/models--org--name/snapshots/abc123");
    await offers.remember(first);
    await offers.remember(cached);
    rmSync(first, { recursive: true });
    const again = new ModelOffers(catalog, new RecentPaths(join(folder, "profile", "recents.json")));
    const listed = await again.recents();
    expect(listed.map(({ name, missing }) => [name, missing])).toEqual([
      ["org/name", false],
      ["first", true],
    ]);
    expect(listed.map(({ id }) => again.pathOf(id))).toEqual([cached, first]);
    expect(JSON.parse(readFileSync(join(folder, "profile", "recents.json"), "utf8"))).toEqual({
      version: 1,
      paths: [cached, first],
    });
  });

  test("of an id that was never listed open nothing", () => {
    expect(() => offers.pathOf("00000000-0000-4000-8000-000000000000")).toThrow(StudioError);
  });
});
