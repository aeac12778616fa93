import type { ModelConfig } from "../checkpoint/model-config.ts";
import type { Problem } from "./problem.ts";

interface NamedConfig {
  /** "target", "chat" or "base", with the vector's name where there are several. */
  readonly role: string;
  readonly config: ModelConfig | null;
}

const comparisons = [
  { code: "architecture-differs", what: "architecture", value: architectureOf },
  { code: "hidden-size-differs", what: "hidden size", value: (config: ModelConfig) => config.hiddenSize },
  { code: "layer-count-differs", what: "number of layers", value: (config: ModelConfig) => config.layerCount },
] as const;

/** Models that were never the same network cannot be added: each difference between the target's config.json and another's is an error. */
export function compareConfigs(target: NamedConfig, others: readonly NamedConfig[]): Problem[] {
  const problems: Problem[] = [];
  for (const { code, what, value } of comparisons) {
    const expected = target.config && value(target.config);
    for (const other of others) {
      const actual = other.config && value(other.config);
      if (expected === null || actual === null || expected === actual) continue;
      problems.push({
        code,
        severity: "error",
        message: `The ${what} of ${other.role} is ${actual}, the target's is ${expected}`,
        expected: String(expected),
        actual: String(actual),
      });
    }
  }
  return problems;
}

/**
 * The language models inside multimodal ones whose config does not name them; the part behind a model_type of its own ("…_text")
 * is cut off before. From transformers' model documentation and the original repositories' configs.
 */
const languageModels: ReadonlyMap<string, string> = new Map([
  ["qwen2_vl", "qwen2"],
  ["qwen2_5_vl", "qwen2"],
  ["qwen2_5_omni", "qwen2"],
  ["qwen3_vl", "qwen3"],
  ["qwen3_vl_moe", "qwen3_moe"],
  ["qwen3_omni_moe", "qwen3_moe"],
  ["llava_llama", "llama"],
  ["llava_mistral", "mistral"],
  ["llava_qwen", "qwen2"],
  ["mllama", "llama"],
  ["phi3_v", "phi3"],
  ["glm4v", "glm4"],
  ["glm4v_moe", "glm4_moe"],
]);

/**
 * The language model's architecture, as a multimodal model's config nests it. model_type names the network; the class in
 * `architectures` also says what it was wrapped for, so it only stands in.
 */
function architectureOf(config: ModelConfig): string | null {
  const type = config.textModelType ?? config.modelType;
  if (type === null) return config.architecture;
  const name = type.replace(/_text(_model)?$/, "");
  return languageModels.get(name) ?? name;
}
