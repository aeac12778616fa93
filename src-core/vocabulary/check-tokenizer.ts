import { quoteName } from "../checkpoint/quote.ts";
import type { CheckedConfig } from "./check-model-config.ts";
import type { FolderFindings } from "./folder-findings.ts";
import type { FolderToCheck } from "./folder-to-check.ts";
import { parseTokenizerConfig } from "./tokenizer-settings.ts";
import { rowOfToken, specialRoles, type Vocabulary } from "./vocabulary.ts";

/** That the tokenizer's files agree with each other, and its tokens with the rows of the embedding. */
export function checkTokenizer(
  folder: FolderToCheck,
  vocabulary: Vocabulary,
  config: CheckedConfig,
  findings: FolderFindings,
): void {
  const { file, tokens, settings } = vocabulary;
  if (file === "vocab.json" && !folder.names.includes("merges.txt")) {
    findings.error("vocab.json", "A vocab.json needs the merges beside it", "merges.txt", "none");
  }
  if (config.rowCount !== null && tokens.length > config.rowCount) {
    const actual = `${quoteName(tokens.at(-1) ?? "")} at row ${tokens.length - 1}`;
    findings.error(file, "There are tokens beyond the rows of the embedding", `rows below ${config.rowCount}`, actual);
  }
  for (const role of specialRoles) {
    const token = settings[role];
    if (token !== null && rowOfToken(vocabulary, token) === null) {
      findings.error(
        "tokenizer_config.json",
        `${role}_token is not in the vocabulary`,
        "one of its tokens",
        quoteName(token),
      );
    }
  }
  checkAddedTokensDecoder(folder, vocabulary, findings);
  checkEnd(vocabulary, config, findings);
}

function checkAddedTokensDecoder(folder: FolderToCheck, vocabulary: Vocabulary, findings: FolderFindings): void {
  const file = "tokenizer_config.json";
  const bytes = folder.files.get(file);
  if (bytes === undefined) return;
  const { addedTokens } = parseTokenizerConfig(bytes, `${folder.path}/${file}`);
  for (const [row, { content }] of addedTokens ?? []) {
    const token = vocabulary.tokens[row];
    if (token === content) continue;
    const actual = `${quoteName(content)}; ${vocabulary.file} has ${token === undefined ? "none" : quoteName(token)}`;
    findings.error(file, `added_tokens_decoder has another token at row ${row}`, `${vocabulary.file}'s`, actual);
  }
}

/** A model that writes its end's token, and is not stopped by it, talks on. */
function checkEnd(vocabulary: Vocabulary, { endRows }: CheckedConfig, findings: FolderFindings): void {
  const { eos } = vocabulary.settings;
  const row = eos === null ? null : rowOfToken(vocabulary, eos);
  if (row === null || endRows.length === 0 || endRows.includes(row)) return;
  const what = `Generation does not stop at the tokenizer's eos_token, ${quoteName(eos ?? "")}`;
  findings.warning("generation_config.json", what, `eos_token_id with ${row}`, endRows.join(", "));
}
