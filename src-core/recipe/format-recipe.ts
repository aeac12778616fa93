import { Document, isMap, isScalar, isSeq } from "yaml";
import type { Recipe } from "./recipe.ts";
import { toFileForm } from "./recipe-file.ts";

/**
 * The text of a recipe's file, which `parseRecipe` reads as the same recipe. What a reader of the file would look for stands
 * there even where it is the default; curves, rules and the output each take a line.
 */
export function formatRecipe(recipe: Recipe): string {
  const { onMismatch, output, ...form } = toFileForm(recipe);
  const document = new Document({ ...form, ...(onMismatch === "error" ? {} : { onMismatch }), output });
  putOnLines(document.contents, 0);
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

/**
 * Lists of numbers, rules and the output are written on one line; the recipe and its vectors are not. `depth` counts the keys
 * and indices that lead to the node.
 */
export function putOnLines(node: unknown, depth: number): void {
  if (isSeq(node)) {
    if (node.items.length > 0 && node.items.every((item) => isScalar(item))) node.flow = true;
    for (const item of node.items) putOnLines(item, depth + 1);
  } else if (isMap(node)) {
    node.flow = depth !== 0 && depth !== 2;
    for (const { value } of node.items) putOnLines(value, depth + 1);
  }
}
