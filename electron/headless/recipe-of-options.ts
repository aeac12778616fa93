import type { Checkpoint } from "../../src-core/checkpoint/checkpoint.ts";
import { StudioError } from "../../src-core/errors.ts";
import { type Recipe, recipeSchema } from "../../src-core/recipe/recipe.ts";
import { readRecipeFile } from "../recipes/recipe-file.ts";
import type { RecipeOptions } from "./commands.ts";
import { printNotice } from "./output.ts";

/**
 * The recipe that the options ask for, its models by path. Of a recipe's file the target, the vocabulary, the output and
 * `onMismatch` may be replaced, and λ where it has one vector. Rejects with a StudioError: `usage` for what contradicts.
 */
export async function recipeOfOptions(
  options: RecipeOptions,
  openModel: (path: string) => Promise<Checkpoint>,
): Promise<Recipe> {
  const { base = "", chat = "", target = base, scale = 1 } = options;
  const recipe =
    options.recipe === undefined
      ? recipeSchema.parse({ target, vectors: [{ chat, base, scale }] })
      : await recipeOfFile(options.recipe, options, openModel);
  const { vocabulary, onMismatch, dtype, shardSize, chatToken, tokenizer, chatTemplate } = options;
  return {
    ...recipe,
    ...(vocabulary === undefined ? {} : { vocabulary }),
    ...(onMismatch === undefined ? {} : { onMismatch }),
    output: {
      ...recipe.output,
      ...(dtype === undefined ? {} : { dtype }),
      ...(shardSize === undefined ? {} : { shardBytes: shardSize }),
      ...(tokenizer === undefined ? {} : { tokenizer }),
      ...(chatTemplate === undefined ? {} : { chatTemplate }),
      ...(chatToken === undefined ? {} : { chatTokens: [...chatToken] }),
    },
  };
}

async function recipeOfFile(
  file: string,
  { target, scale }: RecipeOptions,
  openModel: (path: string) => Promise<Checkpoint>,
): Promise<Recipe> {
  const { opened, recipe } = await readRecipeFile(file, openModel);
  if (opened.kind === "mergekit")
    for (const { where, message } of opened.notes) printNotice(`notice: ${where}: ${message}`);
  if (scale !== undefined && recipe.vectors.length > 1) {
    throw new StudioError({
      code: "usage",
      what: `--scale does not say which of the recipe's ${recipe.vectors.length} vectors it is for`,
      where: file,
      advice: "Change the scales in the recipe",
    });
  }
  return {
    ...recipe,
    ...(target === undefined ? {} : { target }),
    vectors: scale === undefined ? recipe.vectors : recipe.vectors.map((vector) => ({ ...vector, scale })),
  };
}
