import { copyFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { shownText } from "../../src-core/checkpoint/quote.ts";
import { failureOf } from "../../src-core/errors.ts";
import { maximumTokenizerBytes } from "../../src-core/limits.ts";
import type { MergePlan } from "../../src-core/plan/merge-plan.ts";
import type { Problem } from "../../src-core/plan/problem.ts";
import { editOutputFiles, type FolderFiles } from "../../src-core/vocabulary/output-files.ts";
import { withChatTokens } from "../../src-core/vocabulary/plan-chat-tokens.ts";
import type { Catalog, CatalogEntry } from "../checkpoints/catalog.ts";
import { readFailure } from "../checkpoints/read-failure.ts";
import { readSmallFile } from "../checkpoints/read-small-file.ts";

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
  const leftOut: Problem[] = [];
  const targetFiles = await filesIn(target, [...modelFiles, ...licences], leftOut);
  const ofTokenizer = await filesIn(tokenizerSource, tokenizerFiles, leftOut);
  const chatLicences = await filesIn(chat, licences, leftOut);
  const { vocabulary: targetVocabulary } = target.tokens;
  const chatVocabulary = chat.tokens.vocabulary;
  const withPlaced = targetVocabulary && withChatTokens(targetVocabulary, plan.chatTokens);
  const chatGeneration = generation === "chat" ? await filesIn(chat, [/^generation_config\.json$/], leftOut) : null;
  const { changed, untranslated } = editOutputFiles({
    target: contentOf(target, targetFiles),
    tokenizer: contentOf(tokenizerSource, ofTokenizer),
    chatGeneration: chatGeneration && contentOf(chat, chatGeneration),
    chatVocabulary,
    outputVocabulary: tokenizer === "chat" ? chatVocabulary : withPlaced,
    tokenizerChanges,
    configChanges,
  });
  const files = new Map<string, SideFile["content"] | null>();
  for (const [name, { realPath }] of [...targetFiles, ...ofTokenizer]) files.set(name, { copyOf: realPath });
  for (const [name, bytes] of changed) files.set(name, bytes && { bytes });
  // The merged model is made of both: the chat model's licence goes along under its own name where it is another one.
  for (const [name, { realPath, bytes }] of chatLicences) {
    if (targetFiles.get(name)?.bytes.equals(bytes) !== true) files.set(`chat-${name}`, { copyOf: realPath });
  }
  return {
    files: [...files].flatMap(([name, content]) => (content === null ? [] : [{ name, content }])),
    problems: [...leftOut, ...(untranslated.length === 0 ? [] : [untranslatedProblem(untranslated)])],
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

interface FoundFile {
  readonly realPath: string;
  readonly bytes: Buffer;
}

/**
 * Files of a model's folder by name, those alone that may be read as its weights may: what a link brings in from elsewhere would be
 * published with the merged model. Others are told of in `leftOut`.
 */
async function filesIn(
  { folder }: CatalogEntry,
  patterns: readonly RegExp[],
  leftOut: Problem[],
): Promise<Map<string, FoundFile>> {
  const entries = await readdir(folder.realFolderPath, { withFileTypes: true }).catch((error: unknown) => {
    throw readFailure(error, folder.realFolderPath);
  });
  const names = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  const files = new Map<string, FoundFile>();
  for (const name of names.filter((each) => patterns.some((pattern) => pattern.test(each))).sort()) {
    try {
      const { realPath } = await folder.locate(name);
      files.set(name, { realPath, bytes: await readSmallFile(realPath, maximumTokenizerBytes) });
    } catch (error) {
      leftOut.push(leftOutProblem(join(folder.path, name), failureOf(readFailure(error, name), "read-failed").what));
    }
  }
  return files;
}

function contentOf({ checkpoint }: CatalogEntry, files: ReadonlyMap<string, FoundFile>): FolderFiles {
  return { path: checkpoint.path, files: new Map([...files].map(([name, { bytes }]) => [name, bytes])) };
}

function leftOutProblem(path: string, because: string): Problem {
  return {
    code: "side-file-left-out",
    severity: "notice",
    message: `${shownText(path)} is not written beside the merged model. ${because}`,
  };
}

function untranslatedProblem(
  rows: readonly { readonly key: string; readonly token: string | null; readonly row: number }[],
): Problem {
  const shown = rows.map(({ key, token, row }) => `${key} ${row}${token === null ? "" : ` (${token})`}`).join(", ");
  const message = `generation_config.json is the chat model's, without rows whose tokens the target lacks: ${shown}`;
  return { code: "generation-rows-missing", severity: "notice", message };
}
