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

/** model_type names the network; the class in `architectures` also says what it was wrapped for, so it only stands in. */
function architectureOf(config: ModelConfig): string | null {
  return config.modelType ?? config.architecture;
}
