import { quoteName } from "../checkpoint/quote.ts";
import type { Recipe } from "../recipe/recipe.ts";
import { templateRolesMissing, templateTokensMissing } from "../vocabulary/chat-token-offers.ts";
import type { ModelConfigChanges } from "../vocabulary/edit-model-config.ts";
import { type PlacedChatToken, withChatTokens } from "../vocabulary/plan-chat-tokens.ts";
import type { TokenizerChanges } from "../vocabulary/tokenizer-changes.ts";
import {
  type ChatTemplate,
  defaultChatTemplate,
  rowOfToken,
  type SpecialRole,
  specialRoles,
  type Vocabulary,
} from "../vocabulary/vocabulary.ts";
import { type ChatTokenRows, knownPair } from "./chat-token-rows.ts";
import type { Problem } from "./problem.ts";
import type { Vocabularies } from "./vocabulary-treatment.ts";

/** What travels with the merged weights. The config is the target's. */
export interface PlannedSideFiles {
  /** Whose tokenizer's files; `chat` is the first vector's chat model. */
  readonly tokenizer: "target" | "chat";
  /** Whose generation_config.json, where it has one; its rows are translated to the output's. */
  readonly generation: "target" | "chat";
  readonly tokenizerChanges: TokenizerChanges;
  readonly configChanges: ModelConfigChanges;
}

const torchDtypes = { F32: "float32", F16: "float16", BF16: "bfloat16" } as const;

/**
 * Decides about tokenizer, chat template, ends of texts and config, and says where they would not go together.
 * `isWidened`: quantised weights are written as plain ones, which the config must not call quantised any more.
 */
export function planSideFiles(
  recipe: Recipe,
  isWidened: boolean,
  chatTokens: ChatTokenRows,
  vocabularies: Vocabularies,
): { readonly sideFiles: PlannedSideFiles; readonly problems: readonly Problem[] } {
  const { dtype, tokenizer } = recipe.output;
  const written = dtype === "same" && isWidened ? "BF16" : dtype;
  const known = knownPair(recipe, vocabularies);
  const configChanges: ModelConfigChanges = {
    ...(chatTokens.rowCount === null ? {} : { vocabularySize: chatTokens.rowCount }),
    ...(written === "same" ? {} : { torchDtype: torchDtypes[written] }),
    ...(isWidened ? { isPlain: true } : {}),
  };
  if (known === null) return withoutTokenizers(recipe, configChanges);
  const output = withChatTokens(known.target, chatTokens.placed);
  if (tokenizer === "chat") return withChatTokenizer(recipe, known.chat, output, known.target, configChanges);
  return withTargetTokenizer(recipe, known.chat, output, chatTokens.placed, configChanges);
}

function withoutTokenizers(recipe: Recipe, configChanges: ModelConfigChanges) {
  const { tokenizer } = recipe.output;
  const tokenizerChanges = { placed: [], roles: {}, chatTemplates: recipe.output.chatTemplate === "none" ? [] : null };
  const sideFiles: PlannedSideFiles = { tokenizer: "target", generation: "target", tokenizerChanges, configChanges };
  if (tokenizer === "target") return { sideFiles, problems: [] };
  const message = "The chat model's tokenizer cannot be taken: that its rows are the target's cannot be seen";
  return { sideFiles, problems: [{ code: "tokenizer-differs", severity: "error", message } as const] };
}

function withTargetTokenizer(
  recipe: Recipe,
  chat: Vocabulary,
  output: Vocabulary,
  placed: readonly PlacedChatToken[],
  configChanges: ModelConfigChanges,
) {
  const { chatTemplate } = recipe.output;
  const templates = templatesOf(chatTemplate, chat);
  const takesChat = chatTemplate === "chat";
  const template = takesChat ? defaultChatTemplate(chat.settings) : null;
  const roles = takesChat ? rolesFromChat(chat, output, template) : {};
  const sideFiles: PlannedSideFiles = {
    tokenizer: "target",
    generation: takesChat ? "chat" : "target",
    tokenizerChanges: { placed, roles, chatTemplates: templates },
    configChanges: { ...configChanges, ...idsOf(roles, output) },
  };
  if (template === null) return { sideFiles, problems: [] };
  const settings = { ...output.settings, ...roles };
  const missing = [
    ...templateTokensMissing(template, chat, output).map(quoteName),
    ...templateRolesMissing(template, settings).map((role) => `${role}_token`),
  ];
  return { sideFiles, problems: missing.length === 0 ? [] : [templateProblem(missing)] };
}

/** The template's end of a text, and what it writes by role and the target leaves open: as far as the output has the tokens. */
function rolesFromChat(chat: Vocabulary, output: Vocabulary, template: string | null) {
  const open = template === null ? [] : templateRolesMissing(template, output.settings);
  const wanted: SpecialRole[] = ["eos", ...open.filter((role) => role !== "eos")];
  const roles: Partial<Record<SpecialRole, string>> = {};
  for (const role of wanted) {
    const token = chat.settings[role];
    const isNew = token !== null && token !== output.settings[role];
    if (isNew && rowOfToken(output, token) !== null) roles[role] = token;
  }
  return roles;
}

function withChatTokenizer(
  recipe: Recipe,
  chat: Vocabulary,
  output: Vocabulary,
  target: Vocabulary,
  configChanges: ModelConfigChanges,
) {
  const { chatTemplate } = recipe.output;
  const roles: Partial<Record<SpecialRole, string>> = {};
  for (const role of specialRoles) {
    const token = chat.settings[role];
    if (token !== null && token !== target.settings[role]) roles[role] = token;
  }
  const sideFiles: PlannedSideFiles = {
    tokenizer: "chat",
    generation: chatTemplate === "chat" ? "chat" : "target",
    tokenizerChanges: { placed: [], roles: {}, chatTemplates: templatesOf(chatTemplate, null, target) },
    configChanges: { ...configChanges, ...idsOf(roles, chat) },
  };
  const row = firstOtherRow(chat, output);
  if (row === null) return { sideFiles, problems: [] };
  const name = ({ tokens }: Vocabulary) => (tokens[row] === undefined ? "none" : quoteName(tokens[row] ?? ""));
  const problem: Problem = {
    code: "tokenizer-differs",
    severity: "error",
    message: `The chat model's tokenizer does not fit the target's rows: row ${row} is ${name(output)} there, ${name(chat)} in chat`,
    expected: name(output),
    actual: name(chat),
  };
  return { sideFiles, problems: [problem] };
}

/** The first row whose token is another one; null where one tokenizer can stand for the other. */
function firstOtherRow(chat: Vocabulary, output: Vocabulary): number | null {
  const length = Math.max(chat.tokens.length, output.tokens.length);
  for (let row = 0; row < length; row++) if (chat.tokens[row] !== output.tokens[row]) return row;
  return null;
}

/** Null where the tokenizer's own stay. */
function templatesOf(
  choice: Recipe["output"]["chatTemplate"],
  chat: Vocabulary | null,
  target: Vocabulary | null = null,
): readonly ChatTemplate[] | null {
  if (choice === "none") return [];
  const source = choice === "chat" ? chat : target;
  const templates = source?.settings.chatTemplates ?? [];
  return templates.length > 0 ? templates : null;
}

function idsOf(roles: Partial<Record<SpecialRole, string>>, vocabulary: Vocabulary): ModelConfigChanges {
  const row = (role: SpecialRole) => (roles[role] === undefined ? null : rowOfToken(vocabulary, roles[role]));
  const [bos, eos, pad] = [row("bos"), row("eos"), row("pad")];
  return {
    ...(bos === null ? {} : { bosTokenId: bos }),
    ...(eos === null ? {} : { eosTokenId: eos }),
    ...(pad === null ? {} : { padTokenId: pad }),
  };
}

function templateProblem(missing: readonly string[]): Problem {
  const shown = missing.slice(0, 6).join(", ");
  const more = missing.length > 6 ? ` and ${missing.length - 6} more` : "";
  const message = `The chat template writes ${shown}${more}, which the target's tokenizer lacks: prompts would be cut to pieces there. Take these as chat tokens, or keep the target's template`;
  return { code: "template-tokens-missing", severity: "notice", message };
}
