import { type Document, isAlias, isCollection, isScalar, isSeq, type Node, visit } from "yaml";
import { editsBetween, type FileEdit, isSame, type Plain } from "./file-edits.ts";
import { putOnLines } from "./format-recipe.ts";
import { parseRecipe } from "./parse-recipe.ts";
import type { Recipe } from "./recipe.ts";
import { toFileForm } from "./recipe-file.ts";
import { spliceEdits } from "./splice-edits.ts";
import { parseYaml } from "./yaml/parse-yaml.ts";

/**
 * The text of an opened file, changed to say `recipe`: comments, order and spelling of what did not change stay. Where values
 * change, only their characters do; where entries come or go, the file may be laid out anew. The same recipe gives the same
 * bytes. Throws `recipe-invalid` when the old text is no recipe.
 */
export function updateRecipeText(oldText: string, recipe: Recipe, where: string): string {
  const wanted = plainForm(recipe);
  const edits = editsBetween(plainForm(parseRecipe(oldText, where).recipe), wanted);
  if (edits.length === 0) return oldText;
  const { document } = parseYaml(oldText, where, "1.2");
  const spliced = spliceEdits(oldText, document, edits);
  if (spliced !== null && says(spliced, wanted)) return spliced;
  const text = rewrite(oldText, document, edits);
  if (!says(text, wanted)) throw new Error(`the changed text of ${where} does not say the recipe`);
  return text;
}

function plainForm(recipe: Recipe): Plain {
  return { ...toFileForm(recipe) } as unknown as Plain;
}

function says(text: string, wanted: Plain): boolean {
  return isSame(plainForm(parseRecipe(text, "recipe").recipe), wanted);
}

/** Through the library's document, which carries comments along. */
function rewrite(oldText: string, document: Document.Parsed, edits: readonly FileEdit[]): string {
  expandAliases(document);
  for (const edit of edits) apply(document, edit);
  const text = document.toString({
    lineWidth: 0,
    flowCollectionPadding: /[{[] +\S/.test(oldText),
    indent: usualIndent(oldText),
    indentSeq: !/^[^\s#-][^\n]*:[^\S\n]*\r?\n-/m.test(oldText),
  });
  // The library leaves a byte order mark out and ends every line with a line feed.
  const marked = oldText.startsWith("\uFEFF") ? `\uFEFF${text}` : text;
  return oldText.includes("\r\n") ? marked.replace(/\r?\n/g, "\r\n") : marked;
}

/** A change under an anchor is meant for its own place, not for wherever the anchor is repeated. */
function expandAliases(document: Document.Parsed): void {
  visit(document, { Alias: (_, alias) => alias.resolve(document)?.clone() as Node | undefined });
  visit(document, {
    Node(_, node) {
      if (!isAlias(node)) delete node.anchor;
    },
  });
}

function apply(document: Document.Parsed, edit: FileEdit): void {
  if (edit.kind === "delete") {
    document.deleteIn(edit.path);
    return;
  }
  if (edit.kind === "set") {
    const old = document.getIn(edit.path, true);
    if (isScalar(old) && typeof edit.value !== "object") old.value = edit.value;
    else document.setIn(edit.path, styled(document, edit, old));
    return;
  }
  const list = document.getIn(edit.path.slice(0, -1));
  if (!isSeq(list)) throw new Error("an insertion outside a list");
  const sibling = list.items.at(-1);
  list.items.splice(Number(edit.path.at(-1)), 0, styled(document, edit, sibling));
}

/** A new node, in the style of the one in whose place or beside which it comes. */
function styled(
  document: Document.Parsed,
  { value, path }: FileEdit & { readonly value: Plain },
  model: unknown,
): Node {
  const node = document.createNode(value) as Node;
  putOnLines(node, path.length);
  if (isCollection(node) && isCollection(model)) node.flow = model.flow === true;
  return node;
}

/** The least that an indented line is indented by: 2 or 4, mostly. */
function usualIndent(text: string): number {
  const indents = [...text.matchAll(/^( +)[^\s#]/gm)].map(([, spaces]) => spaces?.length ?? 2);
  return Math.min(...indents, indents.length === 0 ? 2 : 8);
}
