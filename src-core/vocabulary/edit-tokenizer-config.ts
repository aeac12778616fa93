import { addedTokenJson } from "./added-token.ts";
import { JsonEditor } from "./json-editor.ts";
import type { PlacedChatToken } from "./plan-chat-tokens.ts";
import { isObject } from "./small-json.ts";
import type { TokenizerChanges } from "./tokenizer-changes.ts";
import { type SpecialRole, specialRoles } from "./vocabulary.ts";

/**
 * A tokenizer_config.json with the changes: added_tokens_decoder gets the placed tokens where there is one, lists of special
 * tokens their new names, roles and chat template their values. Throws a StudioError `tokenizer-invalid`.
 */
export function editTokenizerConfig(text: string, where: string, changes: TokenizerChanges): string {
  const editor = new JsonEditor(text, where, "tokenizer-invalid");
  if (isObject(editor.value(["added_tokens_decoder"]))) {
    for (const { targetRow, added } of changes.placed) {
      editor.set(["added_tokens_decoder", String(targetRow)], addedTokenJson(added));
    }
  }
  renameInLists(editor, changes.placed);
  setRoles(editor, changes.roles);
  if (changes.chatTemplates !== null) {
    const [first] = changes.chatTemplates;
    const isOne = changes.chatTemplates.length === 1 && first?.name === "default";
    editor.set(
      ["chat_template"],
      isOne ? first.template : changes.chatTemplates.length === 0 ? null : changes.chatTemplates,
    );
  }
  return editor.text();
}

/** A special_tokens_map.json with the changes: roles, and new names in its lists. Throws a StudioError `tokenizer-invalid`. */
export function editSpecialTokensMap(text: string, where: string, changes: TokenizerChanges): string {
  const editor = new JsonEditor(text, where, "tokenizer-invalid");
  renameInLists(editor, changes.placed);
  setRoles(editor, changes.roles);
  return editor.text();
}

/** An added_tokens.json with the placed tokens, a free one's entry being renamed. Throws a StudioError `tokenizer-invalid`. */
export function editAddedTokensJson(text: string, where: string, placed: readonly PlacedChatToken[]): string {
  const editor = new JsonEditor(text, where, "tokenizer-invalid");
  const names = new Map<string, string>();
  for (const { token, targetRow, replaces } of placed) {
    if (replaces !== null && editor.value([replaces]) === targetRow) names.set(replaces, token);
    else editor.set([token], targetRow);
  }
  editor.renameKeys([], names);
  return editor.text();
}

function setRoles(editor: JsonEditor, roles: TokenizerChanges["roles"]): void {
  for (const role of specialRoles) {
    const token = roles[role];
    if (token === undefined) continue;
    // As an object it has flags; those of the token before are not the new one's, and added_tokens_decoder has the right ones.
    editor.set([roleKey(role)], token);
  }
}

function roleKey(role: SpecialRole): string {
  return `${role}_token`;
}

/** additional_special_tokens and its like name tokens by string. */
function renameInLists(editor: JsonEditor, placed: readonly PlacedChatToken[]): void {
  const names = new Map(placed.flatMap(({ replaces, token }) => (replaces === null ? [] : [[replaces, token]])));
  for (const key of ["additional_special_tokens", "extra_special_tokens"]) {
    const list = editor.value([key]);
    if (!Array.isArray(list)) continue;
    list.forEach((entry: unknown, index) => {
      const content = isObject(entry) ? entry.content : entry;
      const name = typeof content === "string" ? names.get(content) : undefined;
      if (name !== undefined) editor.set([key, index], isObject(entry) ? { ...entry, content: name } : name);
    });
  }
}
