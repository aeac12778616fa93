import { textConfigKeys } from "../checkpoint/model-config.ts";
import { JsonEditor, type JsonPath } from "./json-editor.ts";
import { isObject } from "./small-json.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** One id, or several that each end a text. */
export type TokenIds = number | readonly number[] | null;

/** What of a target's config.json changes in the output; what is not named stays. */
export interface ModelConfigChanges {
  /** Rows of the embedding. */
  readonly vocabularySize?: number;
  readonly bosTokenId?: TokenIds;
  readonly eosTokenId?: TokenIds;
  readonly padTokenId?: TokenIds;
  /** "bfloat16", "float16" or "float32". */
  readonly torchDtype?: string;
  readonly tieWordEmbeddings?: boolean;
  /** The weights are not quantised any more: what says how they were goes. */
  readonly isPlain?: boolean;
}

/**
 * A config.json with the changes. A value is changed at every level that has it (a multimodal model's own, and its text
 * model's); one that no level has goes where transformers looks for it: sizes into the text model's, the rest on the outside.
 * Throws a StudioError `config-invalid`.
 */
export function editModelConfig(text: string, where: string, changes: ModelConfigChanges): string {
  const editor = new JsonEditor(text, where, "config-invalid");
  const levels = levelsOf(editor);
  const innermost = levels.at(-1) ?? [];
  const set = (key: string, value: unknown, otherwise: JsonPath) => {
    if (value === undefined) return;
    const present = levels.filter((level) => editor.has([...level, key]));
    for (const level of present.length > 0 ? present : [otherwise]) editor.set([...level, key], value);
  };
  set("vocab_size", changes.vocabularySize, innermost);
  set("bos_token_id", changes.bosTokenId, []);
  set("eos_token_id", changes.eosTokenId, []);
  set("pad_token_id", changes.padTokenId, []);
  set("tie_word_embeddings", changes.tieWordEmbeddings, []);
  // transformers 4.56 renamed torch_dtype; each reads both.
  const dtypeKey = levels.some((level) => editor.has([...level, "dtype"])) ? "dtype" : "torch_dtype";
  set(dtypeKey, changes.torchDtype, []);
  if (changes.isPlain === true) {
    for (const level of levels) for (const key of quantizationKeys) editor.remove([...level, key]);
  }
  return editor.text();
}

const quantizationKeys = ["quantization_config", "compression_config"];

function levelsOf(editor: JsonEditor): JsonPath[] {
  const levels: JsonPath[] = [[]];
  while (levels.length < 4) {
    const outer = levels.at(-1) ?? [];
    const inner = textConfigKeys.map((key) => [...outer, key]).find((path) => isObject(editor.value(path)));
    if (inner === undefined) break;
    levels.push(inner);
  }
  return levels;
}

/** Keys of generation_config.json whose values are rows. */
const rowKeys = [
  "bos_token_id",
  "eos_token_id",
  "pad_token_id",
  "decoder_start_token_id",
  "forced_bos_token_id",
  "forced_eos_token_id",
  "suppress_tokens",
  "begin_suppress_tokens",
] as const;

/** A generation_config.json with other ids for the ends of texts. Throws a StudioError `config-invalid`. */
export function editGenerationConfig(
  text: string,
  where: string,
  changes: Pick<ModelConfigChanges, "bosTokenId" | "eosTokenId" | "padTokenId">,
): string {
  const editor = new JsonEditor(text, where, "config-invalid");
  const set = (key: string, ids: TokenIds | undefined) => {
    if (ids !== undefined) editor.set([key], ids);
  };
  set("bos_token_id", changes.bosTokenId);
  set("eos_token_id", changes.eosTokenId);
  set("pad_token_id", changes.padTokenId);
  return editor.text();
}

/** A row of the chat model that a file names and whose token the output lacks. */
export interface UntranslatedRow {
  readonly key: string;
  readonly row: number;
  readonly token: string | null;
}

/**
 * The chat model's generation_config.json for a model with the output's vocabulary: each row in it becomes the output's row of
 * the same token. A row whose token the output lacks is taken out, and returned. Throws a StudioError `config-invalid`.
 */
export function translateGenerationConfig(
  text: string,
  where: string,
  chat: Vocabulary,
  output: Vocabulary,
): { readonly text: string; readonly untranslated: readonly UntranslatedRow[] } {
  const editor = new JsonEditor(text, where, "config-invalid");
  const untranslated: UntranslatedRow[] = [];
  for (const key of rowKeys) {
    const value = editor.value([key]);
    const rows = (Array.isArray(value) ? value : [value]).filter((row): row is number => typeof row === "number");
    if (rows.length === 0) continue;
    const translated = rows.flatMap((row) => {
      const outputRow = translateRow(row, chat, output);
      if (outputRow === null) untranslated.push({ key, row, token: chat.tokens[row] ?? null });
      return outputRow ?? [];
    });
    const changed = Array.isArray(value) ? translated : (translated[0] ?? null);
    if (JSON.stringify(changed) !== JSON.stringify(value)) editor.set([key], changed);
  }
  return { text: editor.text(), untranslated };
}

/** The output's row of a chat row's token; null where it has none. */
function translateRow(row: number, chat: Vocabulary, output: Vocabulary): number | null {
  const token = chat.tokens[row];
  if (token === undefined) return null;
  if (output.tokens[row] === token) return row;
  const outputRow = output.tokens.lastIndexOf(token);
  return outputRow < 0 ? null : outputRow;
}
