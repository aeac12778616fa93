import { quoteName } from "../checkpoint/quote.ts";
import { encodeUtf8 } from "../checkpoint/utf8.ts";
import { assignedRows } from "./added-token-rows.ts";
import { JsonEditor } from "./json-editor.ts";
import type { PlacedChatToken } from "./plan-chat-tokens.ts";
import { isObject } from "./small-json.ts";
import { tokenizerError } from "./tokenizer-error.ts";
import { parseModelVocabulary } from "./tokenizer-json.ts";
import type { AddedToken } from "./vocabulary.ts";

/**
 * A tokenizer.json with the chat model's tokens: a free token's entry gets the new name, in the vocabulary and among the added
 * tokens; any other token becomes an added one. Everything else stays byte for byte. Throws a StudioError `tokenizer-invalid`
 * where the result would give a token another row than planned: a list of pieces cannot have a gap before it.
 */
export function editTokenizerJson(text: string, where: string, placed: readonly PlacedChatToken[]): string {
  if (placed.length === 0) return text;
  const editor = new JsonEditor(text, where, "tokenizer-invalid");
  const model = modelVocabulary(text, where);
  const renamed = renameTokens(editor, model, placed);
  const added = addTokens(editor, where, placed);
  const inModel = new Map([...model.rows].filter(([token]) => !renamed.has(token)));
  for (const [token, row] of renamed.values()) inModel.set(token, row);
  for (const { token, targetRow } of placed) {
    const rows = assignedRows(added, (candidate) => inModel.get(candidate), inModel.size);
    const row = rows[added.indexOf(token)];
    if (row === targetRow) continue;
    // The library numbers added tokens without gaps; a token of the model's vocabulary it takes where that has it.
    if (model.isList || inModel.has(token)) {
      const expected = `row ${targetRow} for ${quoteName(token)}`;
      throw tokenizerError(where, expected, `row ${row}, which the tokenizer would give it`);
    }
    editor.set(["model", "vocab", token], targetRow);
    inModel.set(token, targetRow);
  }
  return editor.text();
}

/** The model's own vocabulary, without the added tokens. */
interface ModelVocabulary {
  readonly isList: boolean;
  readonly tokens: readonly (string | undefined)[];
  readonly rows: ReadonlyMap<string, number>;
}

function modelVocabulary(text: string, where: string): ModelVocabulary {
  const { tokens, isList } = parseModelVocabulary(encodeUtf8(text), where);
  const rows = new Map<string, number>();
  tokens.forEach((token, row) => {
    if (token !== undefined) rows.set(token, row);
  });
  return { isList, tokens, rows };
}

/** Renames free tokens in the model's vocabulary, where they are in it; by old name the new one and its row. */
function renameTokens(
  editor: JsonEditor,
  { isList, tokens }: ModelVocabulary,
  placed: readonly PlacedChatToken[],
): Map<string, [token: string, row: number]> {
  const renamed = new Map<string, [string, number]>();
  const names = new Map<string, string>();
  for (const { replaces, token, targetRow } of placed) {
    if (replaces === null || tokens[targetRow] !== replaces) continue;
    renamed.set(replaces, [token, targetRow]);
    names.set(replaces, token);
    if (isList) editor.set(["model", "vocab", targetRow, 0], token);
  }
  if (!isList && names.size > 0) editor.renameKeys(["model", "vocab"], names);
  return renamed;
}

/** Makes every placed token an added one; returns all added tokens' strings in the file's order. */
function addTokens(editor: JsonEditor, where: string, placed: readonly PlacedChatToken[]): string[] {
  const entries = editor.value(["added_tokens"]) ?? null;
  const list = Array.isArray(entries) ? entries.map((entry) => (isObject(entry) ? entry : {})) : [];
  const contents = list.map(({ content }) => String(content));
  const fresh: object[] = [];
  for (const { token, targetRow, replaces, added } of placed) {
    const index = list.findIndex(({ id, content }) => id === targetRow && (content === replaces || content === token));
    const entry = tokenJson(targetRow, added);
    if (index < 0) {
      fresh.push(entry);
      contents.push(token);
    } else if (contents[index] !== token) {
      editor.set(["added_tokens", index], entry);
      contents[index] = token;
    }
  }
  if (new Set(contents).size !== contents.length) {
    throw tokenizerError(`${where}, added_tokens`, "each token once", "one of the chat model's tokens at a second row");
  }
  if (entries === null) editor.set(["added_tokens"], fresh);
  else for (const entry of fresh) editor.push(["added_tokens"], entry);
  return contents;
}

/** In the order of keys that the tokenizers library writes. */
function tokenJson(id: number, token: AddedToken): object {
  return {
    id,
    content: token.content,
    single_word: token.singleWord,
    lstrip: token.lstrip,
    rstrip: token.rstrip,
    normalized: token.normalized,
    special: token.special,
  };
}
