import { textConfigKeys } from "../checkpoint/model-config.ts";
import type { FolderFindings } from "./folder-findings.ts";
import type { FolderToCheck } from "./folder-to-check.ts";
import { isObject, type JsonObject, parseSmallJson } from "./small-json.ts";

/** What the tokenizer is checked against. */
export interface CheckedConfig {
  /** Rows of the embedding by the tensors, else by config.json; null where neither says. */
  readonly rowCount: number | null;
  /** Rows that end a text, by generation_config.json, else config.json. */
  readonly endRows: readonly number[];
}

const dtypes = ["float32", "float16", "bfloat16", "float64"];
const idKeys = ["bos_token_id", "eos_token_id", "pad_token_id"] as const;

/** config.json: that a class can be found for it, and that its sizes are the tensors'. */
export function checkModelConfig(folder: FolderToCheck, findings: FolderFindings): CheckedConfig {
  const embedding = folder.vocabularyTensors.find(({ role }) => role === "embedding") ?? null;
  const rowCount = embedding?.shape[0] ?? null;
  const bytes = folder.files.get("config.json");
  if (bytes === undefined) {
    findings.error("config.json", "The folder has no config.json", "config.json", "none");
    return { rowCount, endRows: [] };
  }
  const config = findings.attempt("config.json", () => parseSmallJson(bytes, `${folder.path}/config.json`));
  if (config === null) return { rowCount, endRows: [] };
  if (typeof config.model_type !== "string") {
    findings.error("config.json", "AutoModel cannot choose a class", "model_type", String(config.model_type));
  }
  checkSizes(folder, config, findings);
  checkTies(folder, config, findings);
  const dtype = find(config, "torch_dtype") ?? find(config, "dtype");
  if (typeof dtype === "string" && !dtypes.includes(dtype.replace(/^torch\./, ""))) {
    findings.error("config.json", "torch_dtype is none of torch's floats", dtypes.join(", "), dtype);
  }
  checkCode(folder, config, findings);
  const size = rowCount ?? numberOf(find(config, "vocab_size"));
  checkIds("config.json", config, size, findings);
  return { rowCount: size, endRows: idsOf(find(config, "eos_token_id")) };
}

/** generation_config.json, which is optional: `generate` stops at its eos_token_id, not at the tokenizer's. */
export function checkGenerationConfig(
  folder: FolderToCheck,
  config: CheckedConfig,
  findings: FolderFindings,
): CheckedConfig {
  const bytes = folder.files.get("generation_config.json");
  if (bytes === undefined) return config;
  const file = "generation_config.json";
  const generation = findings.attempt(file, () => parseSmallJson(bytes, `${folder.path}/${file}`));
  if (generation === null) return config;
  checkIds(file, generation, config.rowCount, findings);
  const endRows = idsOf(generation.eos_token_id);
  return { ...config, endRows: endRows.length > 0 ? endRows : config.endRows };
}

function checkSizes(
  { vocabularyTensors, layerCount }: FolderToCheck,
  config: JsonObject,
  findings: FolderFindings,
): void {
  const vocabularySize = numberOf(find(config, "vocab_size"));
  if (vocabularySize === null && !textConfigKeys.some((key) => key in config)) {
    findings.error("config.json", "The size of the embedding is not said", "vocab_size", "none");
  }
  const hiddenSize = numberOf(find(config, "hidden_size"));
  const isProjected = find(config, "word_embed_proj_dim") !== undefined || find(config, "embedding_size") !== undefined;
  for (const { name, shape } of vocabularyTensors) {
    if (vocabularySize !== null && shape[0] !== vocabularySize) {
      findings.error("config.json", `vocab_size is not the rows of ${name}`, String(shape[0]), String(vocabularySize));
    }
    if (hiddenSize !== null && !isProjected && shape.length === 2 && shape[1] !== hiddenSize) {
      findings.error("config.json", `hidden_size is not the columns of ${name}`, String(shape[1]), String(hiddenSize));
    }
  }
  const configLayers = numberOf(find(config, "num_hidden_layers") ?? find(config, "n_layer"));
  if (configLayers !== null && layerCount > 0 && configLayers !== layerCount) {
    const what = "num_hidden_layers is not the number of layers in the weights";
    findings.error("config.json", what, String(layerCount), String(configLayers));
  }
}

/** A head that is neither stored nor tied is filled with random numbers, with no more than a warning. */
function checkTies({ vocabularyTensors }: FolderToCheck, config: JsonObject, findings: FolderFindings): void {
  const tied = find(config, "tie_word_embeddings");
  const hasHead = vocabularyTensors.some(({ role }) => role === "head");
  if (tied === false && !hasHead) {
    findings.error("config.json", "The weights have no output head, and tie_word_embeddings is false", "true", "false");
  }
}

/** auto_map names classes in Python files of the folder, or of a repository ("org/name--file.Class"). */
function checkCode({ names }: FolderToCheck, config: JsonObject, findings: FolderFindings): void {
  if (!isObject(config.auto_map)) return;
  const files = Object.values(config.auto_map)
    .flat()
    .filter((entry): entry is string => typeof entry === "string" && !entry.includes("--"))
    .map((entry) => `${entry.split(".")[0]}.py`);
  for (const file of new Set(files)) {
    if (!names.includes(file))
      findings.error("config.json", "auto_map names code that is not in the folder", file, "none");
  }
}

/** Negative ids (Llama's pad_token_id of −1) stand for none. */
function checkIds(file: string, config: JsonObject, rowCount: number | null, findings: FolderFindings): void {
  for (const key of idKeys) {
    for (const id of idsOf(find(config, key))) {
      if (!Number.isInteger(id) || (rowCount !== null && id >= rowCount)) {
        findings.error(
          file,
          `${key} is no row of the embedding`,
          rowCount === null ? "a row" : `below ${rowCount}`,
          String(id),
        );
      }
    }
  }
}

/** A value at the outermost level that has it: a multimodal model's own config, or its text model's. */
function find(config: JsonObject, key: string): unknown {
  for (let level: JsonObject | undefined = config, depth = 0; level !== undefined && depth < 4; depth++) {
    if (level[key] !== undefined && level[key] !== null) return level[key];
    const outer: JsonObject = level;
    level = textConfigKeys.map((name) => outer[name]).find(isObject);
  }
  return undefined;
}

function idsOf(value: unknown): number[] {
  return (Array.isArray(value) ? value : [value]).filter((id): id is number => typeof id === "number");
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
