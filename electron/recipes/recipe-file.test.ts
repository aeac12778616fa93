import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Checkpoint } from "../../src-core/checkpoint/checkpoint.ts";
import { formatRecipe } from "../../src-core/recipe/format-recipe.ts";
import { layerCount, mergekitCases } from "../../src-core/recipe/mergekit/mergekit-table.fixture.ts";
import { parseRecipe } from "../../src-core/recipe/parse-recipe.ts";
import type { RecipeVector } from "../../src-core/recipe/recipe.ts";
import { scaleOfTensor } from "../../src-core/recipe/scale.ts";
import { rejectionOf } from "../../src-core/test-support/failure-of.ts";
import { locateModel } from "../models/hugging-face-cache.ts";
import { readRecipeFile, recipeForFolder } from "./recipe-file.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chat-vector-recipes-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, text: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(resolve(path, ".."), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const never = () => Promise.reject(new Error("no model was to be opened"));
const minimal = "target: ./t\nvectors:\n  - {chat: ../c, base: /b}\n";

describe("a recipe's file", () => {
  test("names its models from its own folder", async () => {
    const { recipe, opened } = await readRecipeFile(write("deep/a.yaml", minimal), never);
    expect(opened.kind).toBe("recipe");
    expect([recipe.target, recipe.vectors[0]?.chat, recipe.vectors[0]?.base]).toEqual([
      join(folder, "deep", "t"),
      join(folder, "c"),
      "/b",
    ]);
    expect(recipeForFolder(recipe, folder).target).toBe("./deep/t");
  });

  test("takes org/name for a folder that is there, else for an id", async () => {
    const path = write("a.yaml", "target: org/name\nvectors:\n  - {chat: org/other, base: /b}\n");
    mkdirSync(join(folder, "org", "name"), { recursive: true });
    const { recipe } = await readRecipeFile(path, never);
    expect(recipe.target).toBe(join(folder, "org", "name"));
    expect(recipe.vectors[0]?.chat).toBe("org/other");
  });

  test("that is not there, is a folder, or is a model, is refused as no recipe", async () => {
    const refusals = [
      ["none.yaml", "recipe-not-found"],
      [".", "recipe-invalid"],
      ["big.yaml", "recipe-invalid"],
    ] as const;
    write("big.yaml", new Uint8Array(3_000_000).fill(32));
    for (const [name, code] of refusals) {
      expect((await rejectionOf(() => readRecipeFile(join(folder, name), never))).code).toBe(code);
    }
  });
});

/** A Llama of the table's layers. */
const modules = ["self_attn.q_proj", "mlp.up_proj", "input_layernorm"];
const names = [
  "model.embed_tokens.weight",
  ...Array.from({ length: layerCount }, (_, layer) =>
    modules.map((module) => `model.layers.${layer}.${module}.weight`),
  ).flat(),
  "model.norm.weight",
  "lm_head.weight",
];
const llama = { tensors: names.map((name) => ({ name })) } as unknown as Checkpoint;

function scalesOf(vector: RecipeVector): number[] {
  return names.map((name) => {
    const layer = /layers\.(\d+)/.exec(name)?.[1];
    const tensor = [name, name.replace(/^model\./, "")];
    return scaleOfTensor(vector, tensor, layer === undefined ? null : Number(layer), layerCount).scale;
  });
}

const cases = mergekitCases.filter(({ vectors }) => vectors !== undefined);

describe("a mergekit file on the disk", () => {
  test("of the table is one of at least 25", () => {
    expect(cases.length).toBeGreaterThanOrEqual(25);
  });

  test.each(cases)(
    "$name: becomes a recipe's file with mergekit's λ for every tensor",
    async ({ yaml, vectors = [] }) => {
      const { recipe } = await readRecipeFile(write("merge.yml", yaml), async () => llama);
      const saved = parseRecipe(formatRecipe(recipeForFolder(recipe, folder)), "saved.yaml").recipe;
      const expected = vectors.map(({ embed, attention, mlp, layerNorm, finalNorm, head }) => [
        embed,
        ...attention.flatMap((scale, layer) => [scale, mlp[layer] ?? Number.NaN, layerNorm[layer] ?? Number.NaN]),
        finalNorm,
        head,
      ]);
      expect(saved.vectors.map(scalesOf)).toEqual(expected.map((scales) => scales.map(Math.fround)));
    },
  );

  test("whose slices are not the base model's layers is refused", async () => {
    const slices = `slices:\n  - sources:\n      - {model: base, layer_range: [0, 4]}\n      - {model: chat, layer_range: [0, 4], parameters: {weight: 1}}\n`;
    const path = write("merge.yml", `merge_method: task_arithmetic\nbase_model: base\n${slices}`);
    const failure = await rejectionOf(() => readRecipeFile(path, async () => llama));
    expect(failure).toMatchObject({ code: "recipe-inexpressible", expected: "5 layers" });
  });
});

describe("a model's id", () => {
  test("is looked up in the local Hugging Face cache, which moves with its variables", async () => {
    const snapshot = join(folder, "hub", "models--org--name", "snapshots", "abc123");
    mkdirSync(snapshot, { recursive: true });
    write("hub/models--org--name/refs/main", "abc123\n");
    write("hub/models--org--evil/refs/main", "../../../../etc");
    const before = process.env.HF_HUB_CACHE;
    process.env.HF_HUB_CACHE = join(folder, "hub");
    try {
      expect(await locateModel("org/name")).toBe(snapshot);
      expect(await locateModel("org/evil")).toBe("org/evil");
      expect(await locateModel("org/none")).toBe("org/none");
      expect(await locateModel("./org/name")).toBe("./org/name");
    } finally {
      if (before === undefined) delete process.env.HF_HUB_CACHE;
      else process.env.HF_HUB_CACHE = before;
    }
  });
});
