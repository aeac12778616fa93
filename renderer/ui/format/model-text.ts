import type { CheckpointSummary } from "../../../electron/api/models.ts";
import { formatBytes, formatCounted, formatDtype, formatParameters } from "./format.ts";

/** "LlamaForCausalLM" is "Llama" to the people who use it. */
export function formatArchitecture(architecture: string): string {
  return architecture.replace(/(For[A-Z]\w*|LMHeadModel|Model)$/, "") || architecture;
}

/** "bf16", "bf16 + f32", "bf16 + f32 + 2 more"; largest share first. */
export function formatDtypes(dtypes: readonly string[]): string {
  const names = dtypes.map(formatDtype);
  if (names.length <= 3) return names.join(" + ");
  return `${names.slice(0, 2).join(" + ")} + ${names.length - 2} more`;
}

/** The facts under a model's name, in two lines; what the model does not say is left out. */
export function modelFacts(model: CheckpointSummary): readonly (readonly string[])[] {
  const size = [
    ...(model.architecture === null ? [] : [formatArchitecture(model.architecture)]),
    formatParameters(model.parameters),
    formatDtypes(model.dtypes.map(({ dtype }) => dtype)),
    formatBytes(model.bytes),
  ];
  const inside = [
    ...(model.vocabularySize === null ? [] : [formatCounted(model.vocabularySize, "token")]),
    ...(model.layerCount === null ? [] : [formatCounted(model.layerCount, "layer")]),
  ];
  return [size, inside.length > 0 ? inside : [formatCounted(model.tensorCount, "tensor")]];
}
