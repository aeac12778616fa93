import { decodeUtf8, encodeUtf8 } from "../checkpoint/utf8.ts";
import { type ErrorCode, StudioError } from "../errors.ts";
import {
  editGenerationConfig,
  editModelConfig,
  type ModelConfigChanges,
  translateGenerationConfig,
  type UntranslatedRow,
} from "./edit-model-config.ts";
import { editTokenizerFiles } from "./edit-tokenizer-files.ts";
import type { TokenizerChanges } from "./tokenizer-changes.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Small files of a folder, by name. */
export interface FolderFiles {
  /** For messages. */
  readonly path: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export interface OutputFilesInput {
  /** The target's config.json and generation_config.json. */
  readonly target: FolderFiles;
  /** The tokenizer's files, whosever they are. */
  readonly tokenizer: FolderFiles;
  /** The chat model's generation_config.json, where it is to be the output's; its rows mean tokens of `chatVocabulary`. */
  readonly chatGeneration: FolderFiles | null;
  readonly chatVocabulary: Vocabulary | null;
  /** The output's, chat tokens included. */
  readonly outputVocabulary: Vocabulary | null;
  readonly tokenizerChanges: TokenizerChanges;
  readonly configChanges: ModelConfigChanges;
}

export interface OutputFiles {
  /** Files that are not their source's, byte for byte; null for one that must not be there. */
  readonly changed: ReadonlyMap<string, Uint8Array | null>;
  /** Rows of the chat model's generation_config.json whose tokens the output lacks; they are left out of it. */
  readonly untranslated: readonly UntranslatedRow[];
}

const configName = "config.json";
const generationName = "generation_config.json";

/**
 * The files beside the weights that change: config, generation config and tokenizer. Their text stays but for the changes.
 * Throws a StudioError `config-invalid` or `tokenizer-invalid`.
 */
export function editOutputFiles(input: OutputFilesInput): OutputFiles {
  const { target, tokenizer, tokenizerChanges, configChanges } = input;
  const changed = new Map(editTokenizerFiles(tokenizer.files, tokenizer.path, tokenizerChanges));
  const config = target.files.get(configName);
  if (config !== undefined) {
    const where = `${target.path}/${configName}`;
    keep(changed, configName, config, editModelConfig(textOf(config, where), where, configChanges));
  }
  const untranslated = generation(input, changed);
  return { changed, untranslated };
}

function generation(input: OutputFilesInput, changed: Map<string, Uint8Array | null>): readonly UntranslatedRow[] {
  const { target, chatGeneration, chatVocabulary, outputVocabulary, configChanges } = input;
  const fromChat = chatGeneration?.files.get(generationName);
  if (fromChat !== undefined && chatGeneration && chatVocabulary && outputVocabulary) {
    const where = `${chatGeneration.path}/${generationName}`;
    const translated = translateGenerationConfig(textOf(fromChat, where), where, chatVocabulary, outputVocabulary);
    changed.set(generationName, encodeUtf8(translated.text));
    return translated.untranslated;
  }
  const own = target.files.get(generationName);
  if (own !== undefined) {
    const where = `${target.path}/${generationName}`;
    keep(changed, generationName, own, editGenerationConfig(textOf(own, where), where, configChanges));
  }
  return [];
}

function keep(changed: Map<string, Uint8Array | null>, name: string, bytes: Uint8Array, text: string): void {
  const edited = encodeUtf8(text);
  const isSame = edited.length === bytes.length && edited.every((byte, index) => byte === bytes[index]);
  if (!isSame) changed.set(name, edited);
}

function textOf(bytes: Uint8Array, where: string): string {
  const text = decodeUtf8(bytes);
  if (text !== null) return text;
  const code: ErrorCode = "config-invalid";
  throw new StudioError({
    code,
    what: "The file cannot be read",
    where,
    expected: "text in UTF-8",
    actual: "other bytes",
  });
}
