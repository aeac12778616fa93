import { StudioError } from "../errors.ts";
import { maximumNameLength } from "../limits.ts";
import { withoutPythonNumbers } from "./python-numbers.ts";
import { shownText } from "./quote.ts";

/** What a merge needs to know from a model's config.json; a field is null where the file does not say. */
export interface ModelConfig {
  readonly architecture: string | null;
  readonly modelType: string | null;
  /** Of the language model inside a multimodal one, where the config nests it: its own model_type. */
  readonly textModelType: string | null;
  readonly hiddenSize: number | null;
  readonly layerCount: number | null;
  readonly vocabularySize: number | null;
  readonly tieWordEmbeddings: boolean | null;
  /** Without the "torch." that some tools put in front. */
  readonly torchDtype: string | null;
  readonly quantization: QuantizationConfig | null;
  /** Where the tool that saved it had loaded the model from: an id, or a folder's path on some machine. */
  readonly nameOrPath: string | null;
}

/** What config.json's quantization_config (or compression_config) says, in the words of the tool that wrote it. */
export interface QuantizationConfig {
  /** "gptq", "awq", "bitsandbytes", "fp8", "compressed-tensors" … */
  readonly method: string | null;
  /** compressed-tensors: "pack-quantized", "float-quantized" … */
  readonly format: string | null;
  readonly bits: number | null;
  /** Rows and columns of weights that share a scale, of DeepSeek's kind of FP8. */
  readonly blockSize: readonly [rows: number, columns: number] | null;
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
  // The innermost is the language model itself; what stands further out is a copy that some tools keep, or another size.
  const inward = [...levels].reverse();
  const architectures = config.architectures;
  const first: unknown = Array.isArray(architectures) ? architectures[0] : undefined;
  const tied = find(levels, ["tie_word_embeddings"], (value): value is boolean => typeof value === "boolean");
  return {
    architecture: isText(first) ? word(first) : null,
    modelType: isText(config.model_type) ? word(config.model_type) : null,
    textModelType: find(inward.slice(0, -1), ["model_type"], isText),
    hiddenSize: find(inward, hiddenSizeKeys, isSize),
    layerCount: find(inward, layerCountKeys, isSize),
    vocabularySize: find(inward, vocabularySizeKeys, isSize),
    tieWordEmbeddings: tied,
    torchDtype: find(levels, ["torch_dtype", "dtype"], isText)?.replace(/^torch\./, "") ?? null,
    quantization: quantizationOf(find(levels, ["quantization_config", "compression_config"], isObject)),
    nameOrPath: find(levels, ["_name_or_path"], isText)?.slice(0, maximumNameLength) ?? null,
  };
}

function quantizationOf(config: JsonObject | null): QuantizationConfig | null {
  if (config === null) return null;
  const bits = [config.bits, config.w_bit, config.wbits].find(isSize);
  const fromFlag = config.load_in_4bit === true ? 4 : config.load_in_8bit === true ? 8 : null;
  const block = config.weight_block_size;
  const [rows, columns] = Array.isArray(block) ? (block as unknown[]) : [];
  return {
    method: isText(config.quant_method) ? config.quant_method.toLowerCase() : null,
    format: isText(config.format) ? config.format : null,
    bits: bits ?? fromFlag,
    blockSize: isSize(rows) && isSize(columns) ? [rows, columns] : null,
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

/** The first value of the right kind: levels in their order, in each the keys in theirs. */
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

/** As it can be shown: the file may say anything, of any length. */
function word(text: string): string {
  return shownText(text.length > 200 ? `${text.slice(0, 200)}…` : text);
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
