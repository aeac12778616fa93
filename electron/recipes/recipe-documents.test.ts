import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Recipe } from "../../src-core/recipe/recipe.ts";
import { rejectionOf } from "../../src-core/test-support/failure-of.ts";
import { safetensorsBytes } from "../../src-core/test-support/safetensors-bytes.ts";
import type { OpenedRecipe } from "../api/recipes.ts";
import { Catalog } from "../checkpoints/catalog.ts";
import { RecentRecipes } from "./recent-recipes.ts";
import { RecipeDocuments } from "./recipe-documents.ts";

let folder: string;
let catalog: Catalog;
let recents: RecentRecipes;
let documents: RecipeDocuments;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "chat-vector-documents-")));
  for (const name of ["target", "chat", "base"]) model(name);
  catalog = new Catalog();
  recents = new RecentRecipes(join(folder, "profile", "recents.json"));
  documents = new RecipeDocuments(catalog, recents);
});

afterEach(() => {
  catalog.closeAll();
  rmSync(folder, { recursive: true, force: true });
});

function model(name: string): void {
  mkdirSync(join(folder, name), { recursive: true });
  const tensors = [{ name: "norm.weight", dtype: "F32" as const, shape: [4] }];
  writeFileSync(join(folder, name, "model.safetensors"), safetensorsBytes(tensors));
}

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const read = (name: string) => readFileSync(join(folder, name), "utf8");
const never = () => Promise.reject(new Error("nothing was to be asked"));
const answer = (path: string | null) => async () => path;

const text = `# mine
target: target/.  # odd, but there
vectors:
  - chat: ./chat
    base: ./base
    scale: 0.5
`;

async function openText(): Promise<{ opened: OpenedRecipe; recipe: Recipe; documentId: string }> {
  const opened = await documents.open(write("a.yaml", text));
  return { opened, recipe: opened.recipe, documentId: opened.document?.id ?? "" };
}

const scaled = (recipe: Recipe, scale: number): Recipe => ({
  ...recipe,
  vectors: recipe.vectors.map((vector) => ({ ...vector, scale })),
});

describe("a recipe of the window", () => {
  test("names its models by id, each opened once, and never by path", async () => {
    const { opened } = await openText();
    expect(JSON.stringify(opened.recipe)).not.toContain(folder);
    expect(opened.models.map(({ name, model }) => [name, model?.tensorCount])).toEqual([
      ["target", 1],
      ["chat", 1],
      ["base", 1],
    ]);
  });

  test("saved keeps comments and the spelling of paths", async () => {
    const { recipe, documentId } = await openText();
    await documents.save({ recipe, documentId, as: false }, never);
    expect(read("a.yaml")).toBe(text);
    await documents.save({ recipe: scaled(recipe, 0.75), documentId, as: false }, never);
    expect(read("a.yaml")).toBe(text.replace("0.5", "0.75"));
    expect(readdirSync(folder).filter((name) => name.includes("partial"))).toEqual([]);
  });

  test("saved in another folder has its paths from there, and its comments still", async () => {
    const { recipe, documentId } = await openText();
    mkdirSync(join(folder, "deep"));
    const saved = await documents.save({ recipe, documentId, as: true }, answer(join(folder, "deep", "b")));
    expect(saved).toMatchObject({ name: "b.yaml", path: join(folder, "deep", "b.yaml") });
    expect(read("deep/b.yaml")).toBe(
      text.replace("target/.", "../target").replace("./chat", "../chat").replace("./base", "../base"),
    );
    // From here on it is that file.
    const again = { recipe: scaled(recipe, 1), documentId: saved?.id ?? "", as: false };
    await documents.save(again, never);
    expect(read("deep/b.yaml")).toContain("scale: 1\n");
    expect(read("a.yaml")).toBe(text);
  });

  test("is not written over what another program made of it meanwhile", async () => {
    const { recipe, documentId } = await openText();
    const theirs = text.replace("0.5", "0.9");
    write("a.yaml", theirs);
    const failure = await rejectionOf(() => documents.save({ recipe, documentId, as: false }, never));
    expect(failure).toMatchObject({ code: "output-exists", where: join(folder, "a.yaml") });
    expect(read("a.yaml")).toBe(theirs);
    rmSync(join(folder, "a.yaml"));
    await documents.save({ recipe, documentId, as: false }, never);
    expect(read("a.yaml")).toBe(text);
  });

  test("behind a link is written where it leads", async () => {
    mkdirSync(join(folder, "elsewhere"));
    writeFileSync(join(folder, "elsewhere", "real.yaml"), text);
    symlinkSync(join(folder, "elsewhere", "real.yaml"), join(folder, "link.yaml"));
    const { recipe, document } = await documents.open(join(folder, "link.yaml"));
    await documents.save({ recipe: scaled(recipe, 0.75), documentId: document?.id ?? "", as: false }, never);
    expect(lstatSync(join(folder, "link.yaml")).isSymbolicLink()).toBe(true);
    expect(read("elsewhere/real.yaml")).toContain("scale: 0.75");
  });

  test("keeps the id of a model that is not here, and opens it once it is", async () => {
    const path = write("a.yaml", text.replace("./chat", "org/chat").replace("./base", "./gone"));
    const { recipe, models, document } = await documents.open(path);
    expect(models.map(({ failure }) => failure?.code ?? null)).toEqual([
      null,
      "checkpoint-not-found",
      "checkpoint-not-found",
    ]);
    await documents.save({ recipe: scaled(recipe, 1), documentId: document?.id ?? "", as: false }, never);
    expect(read("a.yaml")).toContain("chat: org/chat\n    base: ./gone\n    scale: 1");
    model("gone");
    const found = await documents.openReference(models[2]?.id ?? "");
    expect(found.path).toBe(join(folder, "gone"));
    const [vector] = recipe.vectors;
    if (vector === undefined) throw new Error("a vector");
    const repaired = { ...recipe, vectors: [{ ...vector, base: found.id }] };
    await documents.save({ recipe: repaired, documentId: document?.id ?? "", as: false }, never);
    expect(read("a.yaml")).toContain("base: ./gone\n    scale: 0.5");
  });

  test("asks for nothing and writes nothing when the dialog is dismissed or a model is unknown", async () => {
    const { recipe } = await openText();
    expect(await documents.save({ recipe, documentId: null, as: false }, answer(null))).toBeNull();
    const unknown = { ...recipe, target: "/etc" };
    const failure = await rejectionOf(() => documents.save({ recipe: unknown, documentId: null, as: false }, never));
    expect(failure.code).toBe("checkpoint-not-found");
    expect(await documents.exportMergekit(recipe, answer(null))).toBeNull();
  });

  test("that mergekit cannot say is told why, before a place is asked for", async () => {
    const { recipe } = await openText();
    const untold = { ...recipe, output: { ...recipe.output, tokenizer: "chat" as const } };
    const failure = await rejectionOf(() => documents.exportMergekit(untold, never));
    expect(failure).toMatchObject({ code: "recipe-inexpressible", actual: expect.stringContaining("tokenizer") });
  });
});

describe("the recipes of late", () => {
  test("are the latest first, once each, known again by another start, and say when they are gone", async () => {
    for (const name of ["a.yaml", "b.yaml", "a.yaml"]) await documents.open(write(name, text));
    rmSync(join(folder, "b.yaml"));
    const again = new RecentRecipes(join(folder, "profile", "recents.json"));
    const listed = await again.list();
    expect(listed.map(({ name, missing }) => [name, missing])).toEqual([
      ["a.yaml", false],
      ["b.yaml", true],
    ]);
    expect((await again.list()).map(({ id }) => id)).toEqual(listed.map(({ id }) => id));
    expect(again.pathOf(listed[0]?.id ?? "")).toBe(join(folder, "a.yaml"));
    expect(again.pathOf("another")).toBeNull();
  });

  test("are ten at most, and none where the file that keeps them was damaged", async () => {
    for (let index = 0; index < 12; index++) await recents.add(join(folder, `${index}.yaml`));
    expect((await recents.list()).map(({ name }) => name).slice(0, 2)).toEqual(["11.yaml", "10.yaml"]);
    expect(await recents.list()).toHaveLength(10);
    writeFileSync(join(folder, "profile", "recents.json"), '{"version":1,"paths":[7]}');
    expect(await new RecentRecipes(join(folder, "profile", "recents.json")).list()).toEqual([]);
  });

  test("do not have a file that was no recipe", async () => {
    await rejectionOf(() => documents.open(write("a.yaml", "vektors: []")));
    expect(await recents.list()).toEqual([]);
  });
});
