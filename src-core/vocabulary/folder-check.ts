import { checkGenerationConfig, checkModelConfig } from "./check-model-config.ts";
import { checkTokenizer } from "./check-tokenizer.ts";
import { checkTokenizerJson } from "./check-tokenizer-json.ts";
import { type FolderFinding, FolderFindings } from "./folder-findings.ts";
import type { FolderToCheck } from "./folder-to-check.ts";
import { readVocabulary } from "./read-vocabulary.ts";
import type { Vocabulary } from "./vocabulary.ts";

/**
 * Everything that keeps `AutoModelForCausalLM` and `AutoTokenizer` from loading a folder, or makes them load something else than
 * the weights: missing files and keys, sizes that do not agree with the tensors, tokens whose rows are not what the files say.
 * Nothing is loaded for it; a malformed file is a finding.
 * Source: transformers 4.4x to 5, `from_pretrained` of models, tokenizers and generation configs; tokenizers 0.2x.
 */
export async function checkModelFolder(folder: FolderToCheck): Promise<readonly FolderFinding[]> {
  const findings = new FolderFindings(folder.path);
  const names = new Set(folder.names);
  if (!["model.safetensors", "model.safetensors.index.json"].some((name) => names.has(name))) {
    findings.error(
      "model.safetensors",
      "The weights are not under a name that is looked for",
      "model.safetensors or its index",
    );
  }
  const config = checkGenerationConfig(folder, checkModelConfig(folder, findings), findings);
  const vocabulary = await readable(folder, findings);
  if (vocabulary === null) return findings.list;
  const text = folder.files.get("tokenizer.json");
  if (text !== undefined) checkTokenizerJson(text, findings);
  checkTokenizer(folder, vocabulary, config, findings);
  return findings.list;
}

async function readable(folder: FolderToCheck, findings: FolderFindings): Promise<Vocabulary | null> {
  const { path, files } = folder;
  let vocabulary: Vocabulary | null = null;
  await findings.collect("tokenizer.json", async () => {
    vocabulary = await readVocabulary({
      path,
      list: async () => [...files.keys()],
      read: async (name) => files.get(name) ?? new Uint8Array(),
    });
    if (vocabulary !== null) return;
    const expected = "tokenizer.json, vocab.json with merges.txt, tokenizer.model or vocab.txt";
    findings.error("tokenizer.json", "The folder has no tokenizer", expected, "none");
  });
  return vocabulary;
}
