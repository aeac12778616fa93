import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { handedIn } from "./handed-paths.ts";

const folder = resolve("/home/person");
const path = resolve("/recipes/a b.yaml");
const model = resolve("/models/llama");

test.each([
  [[], [], []],
  [["--no-sandbox", "--user-data-dir=/tmp/x.yaml"], [], []],
  [["--no-sandbox", "--", path], [path], []],
  [["mine.yml", "../models/a.safetensors"], [resolve(folder, "mine.yml")], [resolve("/home/models/a.safetensors")]],
  [[pathToFileURL(path).href, pathToFileURL(model).href, model], [path], [model]],
  [["--", "-odd", ""], [], [resolve(folder, "-odd")]],
  [["file://elsewhere%2F/x.yaml", "https://example.org/a.yaml"], [], []],
])("started with %j, it opens the recipes %j and the models %j", (argv, recipes, models) => {
  expect(handedIn(argv, folder)).toEqual({ recipes, models });
});

test("a flood is cut", () => {
  const many = Array.from({ length: 1000 }, (_, at) => `/m/${at}${at % 2 === 0 ? ".yaml" : ""}`);
  const { recipes, models } = handedIn(many, folder);
  expect([recipes.length, models.length]).toEqual([8, 32]);
});
