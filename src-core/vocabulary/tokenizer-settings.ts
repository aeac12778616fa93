import { namedToken, parseAddedToken } from "./added-token.ts";
import { isObject, type JsonObject, parseSmallJson } from "./small-json.ts";
import { tokenizerError } from "./tokenizer-error.ts";
import {
  type AddedToken,
  type ChatTemplate,
  noSettings,
  type SpecialRole,
  specialRoles,
  type TokenizerSettings,
} from "./vocabulary.ts";

/** What the small files beside a vocabulary say. */
export interface TokenizerConfig {
  readonly settings: TokenizerSettings;
  /** added_tokens_decoder: tokens by row; null where tokenizer_config.json has none, as before 2023. */
  readonly addedTokens: ReadonlyMap<number, AddedToken> | null;
}

/**
 * Parses tokenizer_config.json: roles of special tokens (strings, or objects with `content`), added_tokens_decoder and the chat
 * templates. Throws a StudioError `tokenizer-invalid`.
 */
export function parseTokenizerConfig(borrowedBytes: Uint8Array, where: string): TokenizerConfig {
  const config = parseSmallJson(borrowedBytes, where);
  return {
    settings: { ...settingsOf(config), chatTemplates: chatTemplatesOf(config.chat_template, where) },
    addedTokens: addedTokensOf(config, where),
  };
}

/** Parses special_tokens_map.json: roles of special tokens alone. Throws a StudioError `tokenizer-invalid`. */
export function parseSpecialTokensMap(borrowedBytes: Uint8Array, where: string): TokenizerSettings {
  return settingsOf(parseSmallJson(borrowedBytes, where));
}

/** Parses chat_template.json, which processors of multimodal models have. Throws a StudioError `tokenizer-invalid`. */
export function parseChatTemplateJson(borrowedBytes: Uint8Array, where: string): readonly ChatTemplate[] {
  return chatTemplatesOf(parseSmallJson(borrowedBytes, where).chat_template, where);
}

/** `first` where it says something, else `second`. */
export function mergeSettings(first: TokenizerSettings, second: TokenizerSettings): TokenizerSettings {
  return {
    bos: first.bos ?? second.bos,
    eos: first.eos ?? second.eos,
    pad: first.pad ?? second.pad,
    unk: first.unk ?? second.unk,
    otherSpecials: [...new Set([...first.otherSpecials, ...second.otherSpecials])],
    chatTemplates: first.chatTemplates.length > 0 ? first.chatTemplates : second.chatTemplates,
  };
}

function settingsOf(config: JsonObject): TokenizerSettings {
  const roles: Record<SpecialRole, string | null> = { bos: null, eos: null, pad: null, unk: null };
  for (const role of specialRoles) roles[role] = tokenName(config[`${role}_token`]);
  // additional_special_tokens is a list; extra_special_tokens a list, or an object of names and tokens.
  const further = [config.additional_special_tokens, config.extra_special_tokens].flatMap((value) =>
    Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [],
  );
  const names = [config.sep_token, config.cls_token, config.mask_token, ...further].map(tokenName);
  return { ...noSettings, ...roles, otherSpecials: [...new Set(names.filter((name) => name !== null))] };
}

function tokenName(value: unknown): string | null {
  if (typeof value === "string" && value !== "") return value;
  return parseAddedToken(value)?.content ?? null;
}

function chatTemplatesOf(value: unknown, where: string): ChatTemplate[] {
  if (value === undefined || value === null) return [];
  if (typeof value === "string") return [{ name: "default", template: value }];
  const entries = Array.isArray(value) ? value : [value];
  return entries.map((entry) => {
    if (isObject(entry) && typeof entry.name === "string" && typeof entry.template === "string") {
      return { name: entry.name, template: entry.template };
    }
    throw tokenizerError(
      `${where}, chat_template`,
      "a string, or a list of names and templates",
      JSON.stringify(entry).slice(0, 80),
    );
  });
}

function addedTokensOf(config: JsonObject, where: string): Map<number, AddedToken> | null {
  const decoder = config.added_tokens_decoder;
  if (!isObject(decoder)) return null;
  const added = new Map<number, AddedToken>();
  for (const [key, value] of Object.entries(decoder)) {
    const token = typeof value === "string" && value !== "" ? namedToken(value, false) : parseAddedToken(value);
    if (token === null || !/^\d{1,9}$/.test(key)) {
      const actual = `${JSON.stringify(key)}: ${JSON.stringify(value).slice(0, 80)}`;
      throw tokenizerError(`${where}, added_tokens_decoder`, "rows with their tokens", actual);
    }
    added.set(Number(key), token);
  }
  return added;
}
