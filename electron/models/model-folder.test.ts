import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { listModelFolder } from "./model-folder.ts";
import { modelPlaces } from "./model-places.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chat-vector-folder-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(path: string, bytes = 10): string {
  const whole = join(folder, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, new Uint8Array(bytes));
  return whole;
}

const listed = async (path = folder) =>
  (await listModelFolder(path)).models.map(({ name, bytes, problem }) => [name, bytes, problem]).sort();

describe("a folder of models", () => {
  test("lists those in it and those of publishers in it; what has no weights to merge is passed over", async () => {
    put("llama/model.safetensors", 100);
    put("llama/config.json");
    put("broken/model-00001-of-00002.safetensors");
    put("publisher/one/model.safetensors", 7);
    put("publisher/gguf/model.Q4_K_M.gguf");
    put("notes/README.md");
    put("too/deep/down/model.safetensors");
    put(".hidden/model.safetensors");
    symlinkSync(join(folder, "llama"), join(folder, "linked"));
    symlinkSync(folder, join(folder, "circle"));
    expect(await listed()).toEqual([
      ["broken", 10, "one file of its weights is missing"],
      ["circle/broken", 10, "one file of its weights is missing"],
      ["circle/linked", 100, null],
      ["circle/llama", 100, null],
      ["linked", 100, null],
      ["llama", 100, null],
      ["publisher/one", 7, null],
    ]);
  });

  test("that is a model itself is one", async () => {
    put("pytorch_model.bin", 5);
    expect(await listed()).toEqual([[basename(folder), 5, null]]);
  });

  test("that is a Hugging Face cache, or holds one, is read as one", async () => {
    put("hub/models--org--name/snapshots/abc/model.safetensors", 3);
    put("hub/datasets--org--data/snapshots/abc/model.safetensors", 3);
    expect(await listed()).toEqual([["org/name", 3, null]]);
    expect(await listed(join(folder, "hub"))).toEqual([["org/name", 3, null]]);
  });

  test("that is not there is no error; one that is no folder is", async () => {
    expect(await listModelFolder(join(folder, "none"))).toEqual({ exists: false, models: [], truncated: false });
    await expect(listModelFolder(put("file"))).rejects.toMatchObject({ failure: { code: "read-failed" } });
  });

  test("is listed fast, 500 models of it, without holding up the program", async () => {
    for (let index = 0; index < 500; index++) put(`org-${index % 25}/model-${index}/model.safetensors`);
    const times: number[] = [];
    for (let round = 0; round < 5; round++) {
      const start = performance.now();
      expect((await listModelFolder(folder)).models).toHaveLength(500);
      times.push(performance.now() - start);
    }
    expect(Math.min(...times), `ms of each listing: ${times.map(Math.round).join(", ")}`).toBeLessThan(200);
  });
});

describe("the places of models", () => {
  const variables = ["HF_HUB_CACHE", "HOME"] as const;
  const before = variables.map((name) => [name, process.env[name]] as const);

  afterEach(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  test("are the Hugging Face cache, LM Studio's where there is one, and the folders of the settings, each once", () => {
    process.env.HF_HUB_CACHE = "/hub";
    process.env.HOME = folder;
    expect(modelPlaces(["/mine", "/hub/", "/mine"])).toEqual([
      { kind: "hugging-face", folder: "/hub", saidBy: "HF_HUB_CACHE" },
      { kind: "folder", folder: "/mine", saidBy: null },
    ]);
    put(".lmstudio/models/org/name/model.safetensors");
    const lmStudio = { kind: "lm-studio", folder: join(folder, ".lmstudio", "models"), saidBy: null };
    expect(modelPlaces([])[1]).toEqual(lmStudio);
  });
});
