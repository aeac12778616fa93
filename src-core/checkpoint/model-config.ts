import { StudioError } from "../errors.ts";
import { withoutPythonNumbers } from "./python-numbers.ts";

/** What a merge needs to know from a model's config.json; a field is null where the file does not say. */
export interface ModelConfig {
  readonly architecture: string | null;
  readonly modelType: string | null;
  readonly hiddenSize: number | null;
  readonly layerCount: number | null;
  readonly vocabularySize: number | null;
  readonly tieWordEmbeddings: boolean | null;
  /** Without the "torch." that some tools put in front. */
  readonly torchDtype: string | null;
}

type JsonObject = Readonly<Record<string, unknown>>;

/** The language model's part of a multimodal model's config, under the names in use, the usual one first. */
export const textConfigKeys = ["text_config", "llm_config", "language_config", "thinker_config"];

/** Llama, Mistral, Qwen, Gemma, Phi, GPT-NeoX, BERT; GPT-2, GPT-J, Bloom; T5, MPT, DBRX; Bloom before 2022. */
const hiddenSizeKeys = ["hidden_size", "n_embd", "d_model", "n_embed"];
/** The same; the last two are MPT's, DBRX's and T5's, ChatGLM's. */
const layerCountKeys = ["num_hidden_layers", "n_layer", "n_layers", "num_layers"];
const vocabularySizeKeys = ["vocab_size", "padded_vocab_size"];

/** Parses config.json's text. Throws a StudioError `config-invalid`, naming `where`, when it is no JSON object. */
export function parseModelConfig(text: string, where: string): ModelConfig {
  const config = parseJson(text, where);
  if (!isObject(config)) throw invalid(where, Array.isArray(config) ? "a list" : String(config).slice(0, 40));
  const levels = levelsOf(config);
  const architectures = config.architectures;
  const first: unknown = Array.isArray(architectures) ? architectures[0] : undefined;
  const tied = find(levels, ["tie_word_embeddings"], (value): value is boolean => typeof value === "boolean");
  return {
    architecture: isText(first) ? first : null,
    modelType: isText(config.model_type) ? config.model_type : null,
    hiddenSize: find(levels, hiddenSizeKeys, isSize),
    layerCount: find(levels, layerCountKeys, isSize),
    vocabularySize: find(levels, vocabularySizeKeys, isSize),
    tieWordEmbeddings: tied,
    torchDtype: find(levels, ["torch_dtype", "dtype"], isText)?.replace(/^torch\./, "") ?? null,
  };
}

/** The config, and inside it that of the language model, as deep as it is nested (Qwen-Omni: thinker_config.text_config). */
function levelsOf(config: JsonObject): JsonObject[] {
  const levels = [config];
  for (let level: JsonObject | undefined = config; level !== undefined && levels.length < 4; ) {
    const outer: JsonObject = level;
    level = textConfigKeys.map((key) => outer[key]).find(isObject);
    if (level !== undefined) levels.push(level);
  }
  return levels;
}

/** The first value of the right kind: outer levels before inner ones, keys in their order. */
function find<Value>(levels: JsonObject[], keys: string[], isValue: (value: unknown) => value is Value): Value | null {
  for (const level of levels) {
    for (const key of keys) {
      const value = level[key];
      if (isValue(value)) return value;
    }
  }
  return null;
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(withoutPythonNumbers(text));
  } catch (error) {
    throw invalid(where, error instanceof Error ? error.message : String(error));
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isSize(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0;
}

function invalid(where: string, actual: string): StudioError {
  return new StudioError({
    code: "config-invalid",
    what: "The model's config.json cannot be read",
    where,
    expected: "a JSON object",
    actual,
  });
}
