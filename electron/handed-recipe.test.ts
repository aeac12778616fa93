import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { recipeHanded } from "./handed-recipe.ts";

const cwd = resolve("/home/person");
const path = resolve("/recipes/a b.yaml");

test.each([
  [[], null],
  [["--no-sandbox", "--user-data-dir=/tmp/x.yaml"], null],
  [["model.safetensors"], null],
  [["--no-sandbox", "--", path], path],
  [["mine.yml"], resolve(cwd, "mine.yml")],
  [[pathToFileURL(path).href], path],
  [["file://elsewhere%2F/x.yaml"], null],
])("started with %j, the recipe to open is %j", (argv, recipe) => {
  expect(recipeHanded(argv, cwd)).toBe(recipe);
});
