import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { rejectionOf } from "../test-support/failure-of.ts";
import { parseRecipe } from "./parse-recipe.ts";

const page = readFileSync(new URL("../../docs/recipes.md", import.meta.url), "utf8");
const example = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? "";

describe("docs/recipes.md", () => {
  test("shows a recipe that can be read", () => {
    const { recipe } = parseRecipe(example, "merge.yaml");
    expect(recipe.vectors[0]).toMatchObject({ scale: 0.8, curve: [0.2, 1, 1, 0.5] });
  });

  test("shows the error that a slip in it gives", async () => {
    const { code, message } = await rejectionOf(() => parseRecipe(example.replace("scale:", "scael:"), "merge.yaml"));
    expect(page).toContain(`error: ${code}: ${message}`);
  });
});
