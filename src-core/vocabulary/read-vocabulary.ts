import type { CheckpointFolder } from "../checkpoint/checkpoint-folder.ts";
import { readWhole } from "../checkpoint/read-whole.ts";
import { decodeUtf8 } from "../checkpoint/utf8.ts";
import { maximumTokenizerBytes } from "../limits.ts";
import { readSentencePieceModel } from "./sentencepiece.ts";
import { tokenizerError } from "./tokenizer-error.ts";
import { readTokenizerJson } from "./tokenizer-json.ts";
import {
  mergeSettings,
  parseChatTemplateJson,
  parseSpecialTokensMap,
  parseTokenizerConfig,
  type TokenizerConfig,
} from "./tokenizer-settings.ts";
import { readAddedTokensJson, readVocabJson, readVocabTxt } from "./vocab-files.ts";
import { noSettings, type Vocabulary } from "./vocabulary.ts";
import { VocabularyBuilder } from "./vocabulary-builder.ts";

/** The small files of a model's folder. */
export interface ModelFiles {
  /** For messages. */
  readonly path: string;
  /** Names of the files directly inside. */
  list(): Promise<readonly string[]>;
  /** All bytes of a listed file. */
  read(name: string): Promise<Uint8Array>;
}

/** The first of these that a folder has is its vocabulary; what an earlier one says of tokens needs no other file. */
const sources = [
  { file: "tokenizer.json", read: readTokenizerJson, isWhole: true },
  { file: "vocab.json", read: readVocabJson, isWhole: false },
  { file: "tokenizer.model", read: readSentencePieceModel, isWhole: false },
  { file: "vocab.txt", read: readVocabTxt, isWhole: false },
] as const;

/**
 * Reads a model's vocabulary: from tokenizer.json, else vocab.json, else tokenizer.model, else vocab.txt, the latter three with
 * added_tokens.json and tokenizer_config.json's added tokens; `file` of the result says from which. Null where the folder has
 * none of them. Rejects with a StudioError for a file that is malformed: a lesser file is never taken in its place.
 */
export async function readVocabulary(files: ModelFiles): Promise<Vocabulary | null> {
  const names = new Set(await files.list());
  const source = sources.find(({ file }) => names.has(file));
  if (source === undefined) return null;
  const where = (name: string) => `${files.path}/${name}`;
  const builder = new VocabularyBuilder(source.file, where(source.file));
  source.read(builder, await files.read(source.file), where(source.file));
  const { settings, addedTokens } = await readConfig(files, names);
  builder.settings = settings;
  if (!source.isWhole && names.has("added_tokens.json")) {
    readAddedTokensJson(builder, await files.read("added_tokens.json"), where("added_tokens.json"));
  }
  for (const [row, token] of addedTokens ?? []) {
    if (source.isWhole) builder.addIfFree(row, token, where("tokenizer_config.json"));
    else builder.add(row, token, where("tokenizer_config.json"));
  }
  return builder.build();
}

/** What the small files beside the vocabulary say; of two, the one that transformers heeds. */
async function readConfig(files: ModelFiles, names: ReadonlySet<string>): Promise<TokenizerConfig> {
  const where = (name: string) => `${files.path}/${name}`;
  let config: TokenizerConfig = { settings: noSettings, addedTokens: null };
  if (names.has("tokenizer_config.json")) {
    config = parseTokenizerConfig(await files.read("tokenizer_config.json"), where("tokenizer_config.json"));
  }
  let { settings } = config;
  if (names.has("special_tokens_map.json")) {
    const bytes = await files.read("special_tokens_map.json");
    settings = mergeSettings(settings, parseSpecialTokensMap(bytes, where("special_tokens_map.json")));
  }
  if (names.has("chat_template.jinja")) {
    const template = decodeUtf8(await files.read("chat_template.jinja"));
    if (template === null) throw tokenizerError(where("chat_template.jinja"), "text in UTF-8", "other bytes");
    settings = { ...settings, chatTemplates: [{ name: "default", template }] };
  } else if (names.has("chat_template.json") && settings.chatTemplates.length === 0) {
    const chatTemplates = parseChatTemplateJson(await files.read("chat_template.json"), where("chat_template.json"));
    settings = { ...settings, chatTemplates };
  }
  return { settings, addedTokens: config.addedTokens };
}

/** A checkpoint's folder as the place of a vocabulary. A name that leads nowhere is listed: reading it says what is wrong. */
export function modelFilesOf(folder: CheckpointFolder): ModelFiles {
  const { path, pickedFile } = folder;
  return {
    path: pickedFile !== null && path.endsWith(pickedFile) ? path.slice(0, -pickedFile.length - 1) : path,
    async list() {
      const entries = await folder.list();
      return entries.filter(({ kind }) => kind !== "folder").map(({ name }) => name);
    },
    async read(name) {
      return readWhole(await folder.open(name), maximumTokenizerBytes, "tokenizer-invalid");
    },
  };
}
