import { copyFile, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { MergePlan } from "../src-core/plan/merge-plan.ts";
import type { Problem } from "../src-core/plan/problem.ts";
import { editOutputFiles, type FolderFiles } from "../src-core/vocabulary/output-files.ts";
import { withChatTokens } from "../src-core/vocabulary/plan-chat-tokens.ts";
import type { Catalog, CatalogEntry } from "./catalog.ts";
import { readFailure } from "./read-failure.ts";

/** What says how text becomes rows. */
const tokenizerFiles = [
  /^tokenizer\.(json|model(\.v\d+(m\d+)?)?)$/,
  /^tokenizer_config\.json$/,
  /^special_tokens_map\.json$/,
  /^added_tokens\.json$/,
  /^vocab\.(json|txt)$/,
  /^merges\.txt$/,
  /^chat_template\.(jinja|json)$/,
  /^(spiece|sentencepiece\.bpe)\.model$/,
  /^(tekken\.json|.+\.tiktoken)$/,
];
/** The rest of what travels with a model's weights; Python files are the code that config.json's auto_map names. */
const modelFiles = [
  /^config\.json$/,
  /^generation_config\.json$/,
  /^((video_)?pre)?processor_config\.json$/,
  /^[A-Za-z_]\w*\.py$/,
];
const licences = [/^(LICEN[CS]E|NOTICE|USE_POLICY)/i];

/** What is written beside the weights: as it stands in another folder, or with these bytes. */
interface SideFile {
  readonly name: string;
  readonly content: { readonly copyOf: string } | { readonly bytes: Uint8Array };
}

export interface SideFiles {
  readonly files: readonly SideFile[];
  readonly problems: readonly Problem[];
}

/**
 * Reads and edits everything that travels with the merged weights, as the plan says, and writes nothing: what is wrong with
 * it is known before the merge. Rejects with a StudioError.
 */
export async function prepareSideFiles(plan: MergePlan, catalog: Catalog): Promise<SideFiles> {
  const target = catalog.get(plan.recipe.target);
  const [first] = plan.recipe.vectors;
  if (first === undefined) throw new RangeError("no vector");
  const chat = catalog.get(first.chat);
  const { tokenizer, generation, tokenizerChanges, configChanges } = plan.sideFiles;
  const tokenizerSource = tokenizer === "chat" ? chat : target;
  const [targetNames, tokenizerNames, chatLicences] = await Promise.all([
    namesIn(target, [...modelFiles, ...licences]),
    namesIn(tokenizerSource, tokenizerFiles),
    namesIn(chat, licences),
  ]);
  const { vocabulary: targetVocabulary } = target.tokens;
  const chatVocabulary = chat.tokens.vocabulary;
  const withPlaced = targetVocabulary && withChatTokens(targetVocabulary, plan.chatTokens);
  const { changed, untranslated } = editOutputFiles({
    target: await readFolder(target, targetNames),
    tokenizer: await readFolder(tokenizerSource, tokenizerNames),
    chatGeneration:
      generation === "chat" ? await readFolder(chat, await namesIn(chat, [/^generation_config\.json$/])) : null,
    chatVocabulary,
    outputVocabulary: tokenizer === "chat" ? chatVocabulary : withPlaced,
    tokenizerChanges,
    configChanges,
  });
  const files = new Map<string, SideFile["content"] | null>();
  for (const name of targetNames) files.set(name, { copyOf: join(target.folder.realFolderPath, name) });
  for (const name of tokenizerNames) files.set(name, { copyOf: join(tokenizerSource.folder.realFolderPath, name) });
  for (const [name, bytes] of changed) files.set(name, bytes && { bytes });
  for (const [name, content] of await licencesOf(target, chat, chatLicences)) files.set(name, content);
  return {
    files: [...files].flatMap(([name, content]) => (content === null ? [] : [{ name, content }])),
    problems: untranslated.length === 0 ? [] : [untranslatedProblem(untranslated)],
  };
}

/** Writes what was prepared beside the merged weights. */
export async function writeSideFiles({ files }: SideFiles, outputFolder: string): Promise<void> {
  for (const { name, content } of files) {
    const path = join(outputFolder, name);
    if ("bytes" in content) await writeFile(path, content.bytes);
    else await copyFile(content.copyOf, path);
  }
}

/** The merged model is made of both: the chat model's licence goes along under its own name where it is another one. */
async function licencesOf(
  target: CatalogEntry,
  chat: CatalogEntry,
  names: readonly string[],
): Promise<[string, SideFile["content"]][]> {
  const others: [string, SideFile["content"]][] = [];
  for (const name of names) {
    const path = join(chat.folder.realFolderPath, name);
    const own = await readFile(join(target.folder.realFolderPath, name)).catch(() => null);
    if (own === null || !own.equals(await readFile(path))) others.push([`chat-${name}`, { copyOf: path }]);
  }
  return others;
}

async function namesIn({ folder }: CatalogEntry, patterns: readonly RegExp[]): Promise<string[]> {
  const entries = await readdir(folder.realFolderPath, { withFileTypes: true }).catch((error: unknown) => {
    throw readFailure(error, folder.realFolderPath);
  });
  const names = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  return names.filter((name) => patterns.some((pattern) => pattern.test(name))).sort();
}

async function readFolder({ folder, checkpoint }: CatalogEntry, names: readonly string[]): Promise<FolderFiles> {
  const files = new Map<string, Uint8Array>();
  for (const name of names) {
    const path = join(folder.realFolderPath, name);
    const bytes = await readFile(path).catch((error: unknown) => {
      throw readFailure(error, path);
    });
    files.set(name, bytes);
  }
  return { path: checkpoint.path, files };
}

function untranslatedProblem(
  rows: readonly { readonly key: string; readonly token: string | null; readonly row: number }[],
): Problem {
  const shown = rows.map(({ key, token, row }) => `${key} ${row}${token === null ? "" : ` (${token})`}`).join(", ");
  const message = `generation_config.json is the chat model's, without rows whose tokens the target lacks: ${shown}`;
  return { code: "generation-rows-missing", severity: "notice", message };
}
