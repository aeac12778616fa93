import { decodeUtf8, encodeUtf8 } from "../checkpoint/utf8.ts";
import { editSentencePieceModel } from "./edit-sentencepiece.ts";
import { editAddedTokensJson, editSpecialTokensMap, editTokenizerConfig } from "./edit-tokenizer-config.ts";
import { editTokenizerJson } from "./edit-tokenizer-json.ts";
import { editVocabJson, editVocabTxt } from "./edit-vocab-files.ts";
import { JsonEditor } from "./json-editor.ts";
import { isTiktoken } from "./sentencepiece.ts";
import type { TokenizerChanges } from "./tokenizer-changes.ts";
import { tokenizerError } from "./tokenizer-error.ts";
import { parseTokenizerConfig } from "./tokenizer-settings.ts";
import type { ChatTemplate } from "./vocabulary.ts";

type Files = ReadonlyMap<string, Uint8Array>;

/**
 * The files of a target's tokenizer that the changes touch, by name, with their new contents; null for one that must not travel.
 * `files` has the tokenizer's files, `path` names their folder in messages. Throws a StudioError `tokenizer-invalid`.
 */
export function editTokenizerFiles(
  files: Files,
  path: string,
  changes: TokenizerChanges,
): Map<string, Uint8Array | null> {
  const edits = new FileEdits(files, path);
  const { placed, roles, chatTemplates } = changes;
  if (placed.length > 0) {
    edits.text("tokenizer.json", (text, where) => editTokenizerJson(text, where, placed));
    edits.text("vocab.json", (text, where) => editVocabJson(text, where, placed));
    edits.text("vocab.txt", (text) => editVocabTxt(text, placed));
    if (placed.some(({ replaces }) => replaces !== null)) {
      edits.bytes("tokenizer.model", (bytes, where) =>
        isTiktoken(bytes) ? bytes : editSentencePieceModel(bytes, where, placed),
      );
    }
    const start = needsAddedTokensJson(files, path) ? "{}\n" : null;
    edits.text("added_tokens.json", (text, where) => editAddedTokensJson(text, where, placed), start);
  }
  edits.text("special_tokens_map.json", (text, where) => editSpecialTokensMap(text, where, changes));
  const needsConfig = Object.keys(roles).length > 0 || (chatTemplates ?? []).length > 0;
  edits.text(
    "tokenizer_config.json",
    (text, where) => editTokenizerConfig(text, where, changes),
    needsConfig ? "{}\n" : null,
  );
  if (chatTemplates !== null) editTemplateFiles(edits, chatTemplates);
  return edits.changed;
}

/** transformers takes these files before tokenizer_config.json's template: they must say the same, or not be there. */
function editTemplateFiles(edits: FileEdits, chatTemplates: readonly ChatTemplate[]): void {
  const [first] = chatTemplates;
  if (chatTemplates.length !== 1 || first?.name !== "default") {
    edits.drop("chat_template.jinja");
    edits.drop("chat_template.json");
    return;
  }
  edits.text("chat_template.jinja", () => first.template);
  edits.text("chat_template.json", (text, where) => {
    const editor = new JsonEditor(text, where, "tokenizer-invalid");
    editor.set(["chat_template"], first.template);
    return editor.text();
  });
}

/** Where nothing else can name added tokens: no tokenizer.json, and a tokenizer_config.json as before 2023. */
function needsAddedTokensJson(files: Files, path: string): boolean {
  if (files.has("tokenizer.json")) return false;
  const config = files.get("tokenizer_config.json");
  return config === undefined || parseTokenizerConfig(config, `${path}/tokenizer_config.json`).addedTokens === null;
}

/** Changes files one by one, and keeps those that came out different. */
class FileEdits {
  readonly changed = new Map<string, Uint8Array | null>();
  readonly #files: Files;
  readonly #path: string;

  constructor(files: Files, path: string) {
    this.#files = files;
    this.#path = path;
  }

  /** `start` is the text of a file that is not there yet; without it only one that is there is changed. */
  text(name: string, edit: (text: string, where: string) => string, start: string | null = null): void {
    const bytes = this.#files.get(name) ?? (start === null ? undefined : encodeUtf8(start));
    if (bytes === undefined) return;
    const where = `${this.#path}/${name}`;
    const text = decodeUtf8(bytes);
    if (text === null) throw tokenizerError(where, "text in UTF-8", "other bytes");
    const edited = edit(text, where);
    if (edited !== text || !this.#files.has(name)) this.changed.set(name, encodeUtf8(edited));
  }

  bytes(name: string, edit: (bytes: Uint8Array, where: string) => Uint8Array): void {
    const bytes = this.#files.get(name);
    if (bytes === undefined) return;
    const edited = edit(bytes, `${this.#path}/${name}`);
    if (edited !== bytes) this.changed.set(name, edited);
  }

  drop(name: string): void {
    if (this.#files.has(name)) this.changed.set(name, null);
  }
}
