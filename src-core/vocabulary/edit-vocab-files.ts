import { JsonEditor } from "./json-editor.ts";
import type { PlacedChatToken } from "./plan-chat-tokens.ts";

/** A vocab.json in which free tokens have their new names. Throws a StudioError `tokenizer-invalid`. */
export function editVocabJson(text: string, where: string, placed: readonly PlacedChatToken[]): string {
  const editor = new JsonEditor(text, where, "tokenizer-invalid");
  editor.renameKeys([], newNames(placed));
  return editor.text();
}

/** A vocab.txt in which free tokens have their new names. */
export function editVocabTxt(text: string, placed: readonly PlacedChatToken[]): string {
  const lines = text.split("\n");
  for (const { targetRow, replaces, token } of placed) {
    const line = lines[targetRow];
    if (replaces === null || line === undefined) continue;
    if (line.trimEnd() === replaces) lines[targetRow] = token + line.slice(replaces.length);
  }
  return lines.join("\n");
}

function newNames(placed: readonly PlacedChatToken[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const { replaces, token } of placed) if (replaces !== null) names.set(replaces, token);
  return names;
}
