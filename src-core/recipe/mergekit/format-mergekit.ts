import { Document, isSeq, visit } from "yaml";
import { defaultShardBytes } from "../../limits.ts";
import type { OutputDtype, Recipe } from "../recipe.ts";
import { scaleOfTensor } from "../scale.ts";
import { constantOf, type Gradient, gradientAt } from "./gradient.ts";
import { type NamedTensor, type WeightedModels, weighModels } from "./model-weights.ts";
import { Effort, type Setting, valueFor } from "./setting.ts";
import { layerNeedleOf, weightConditions } from "./weight-conditions.ts";

export type MergekitExport =
  | { readonly text: string; readonly notes: readonly string[] }
  /** What keeps the recipe from being a mergekit file, each in a sentence. */
  | { readonly obstacles: readonly string[] };

export interface MergekitExportOptions {
  /** The target's tensors, where they are known: what filters fit is then checked on each, instead of assumed and noted. */
  readonly tensors?: readonly NamedTensor[];
}

interface WrittenModel {
  readonly model: string;
  readonly conditions: Setting<Gradient>;
}

/**
 * The recipe as a mergekit file with `merge_method: task_arithmetic`, which gives every tensor the same λ, or what it cannot say. The
 * notes say what mergekit does otherwise than we do. Models stay as they are written; mergekit takes paths from where it is started.
 */
export function formatMergekit(recipe: Recipe, options: MergekitExportOptions = {}): MergekitExport {
  const tensors = options.tensors ?? null;
  const effort = new Effort();
  const weighed = weighModels(recipe, tensors, effort);
  const layerNeedle = layerNeedleOf(tensors);
  const obstacles = [...weighed.obstacles, ...pathObstacles(recipe), ...outputObstacles(recipe)];
  const written: WrittenModel[] = [];
  for (const { model, weight } of weighed.models) {
    const conditions = weightConditions(weight, layerNeedle, tensors, effort);
    if (conditions === null)
      obstacles.push(`the λ of ${model} takes two filters at once, and mergekit's conditions have one`);
    else written.push({ model, conditions });
  }
  if (obstacles.length === 0 && written.length === 0) obstacles.push("nothing is added to the target");
  if (obstacles.length === 0 && tensors !== null) obstacles.push(...differences(recipe, written, tensors));
  if (obstacles.length > 0) return { obstacles };
  return { text: writeText(recipe, written), notes: notesOn(recipe, weighed, layerNeedle, tensors, written) };
}

function pathObstacles(recipe: Recipe): string[] {
  const models = new Set([recipe.target, ...recipe.vectors.flatMap(({ chat, base }) => [chat, base])]);
  const named = [...models].filter((model) => /[+@]/.test(model));
  return named.map((model) => `mergekit would read “+” or “@” in ${model} as an adapter or a revision`);
}

function outputObstacles({ vocabulary, output }: Recipe): string[] {
  const obstacles: string[] = [];
  if (vocabulary === "keep-target") {
    obstacles.push(
      "vocabulary: keep-target leaves embeddings alone only where vocabularies differ, and mergekit has no such choice",
    );
  }
  if (output.dtype !== "same" && dtypeNames[output.dtype] === undefined) {
    obstacles.push(`output.dtype: mergekit writes no ${output.dtype}`);
  }
  if (output.tokenizer === "chat") {
    obstacles.push(
      "output.tokenizer: with the chat model's tokenizer mergekit would reorder the rows of the embeddings",
    );
  }
  if ((output.chatTokens ?? []).length > 0) {
    obstacles.push("output.chatTokens: mergekit has no rows of one model's tokens in another's place");
  }
  if (output.chatTemplate === "none") {
    obstacles.push("output.chatTemplate: mergekit cannot leave out the target's template");
  }
  return obstacles;
}

/** Tensors for which the file would not give the recipe's λ. */
function differences(recipe: Recipe, written: readonly WrittenModel[], tensors: readonly NamedTensor[]): string[] {
  const layerCount = tensors.reduce((count, { layer }) => Math.max(count, (layer ?? -1) + 1), 0);
  const differing = tensors.filter((tensor) => {
    const wanted = weightsByModel(recipe, tensor, layerCount);
    const depth = tensor.layer === null ? 0 : layerCount > 1 ? tensor.layer / (layerCount - 1) : 1;
    return [...wanted].some(([model, weight]) => {
      const conditions = written.find((each) => each.model === model)?.conditions ?? [];
      const given = gradientAt(valueFor(conditions, tensor.names[0] ?? "") ?? [0], depth);
      return Math.abs(given - weight) > 2 ** -22 * Math.max(Math.abs(weight), 2 ** -32);
    });
  });
  const [first] = differing;
  if (first === undefined) return [];
  const more = differing.length > 1 ? ` and ${differing.length - 1} more` : "";
  return [`mergekit's filters would give another λ to ${first.names[0]}${more}`];
}

function weightsByModel(recipe: Recipe, { names, layer }: NamedTensor, layerCount: number): Map<string, number> {
  const weights = new Map<string, number>();
  for (const vector of recipe.vectors) {
    if (vector.chat === vector.base) continue;
    const { scale } = scaleOfTensor(vector, names, layer, layerCount);
    weights.set(vector.chat, (weights.get(vector.chat) ?? 0) + scale);
    weights.set(vector.base, (weights.get(vector.base) ?? 0) - scale);
  }
  weights.delete(recipe.target);
  return weights;
}

const dtypeNames: Partial<Record<OutputDtype, string>> = { F32: "float32", F16: "float16", BF16: "bfloat16" };

function writeText(recipe: Recipe, written: readonly WrittenModel[]): string {
  const dtype = dtypeNames[recipe.output.dtype];
  const file = {
    merge_method: "task_arithmetic",
    base_model: recipe.target,
    models: written.map(({ model, conditions }) => ({ model, parameters: { weight: weightForm(conditions) } })),
    ...(dtype === undefined ? {} : { dtype: "float32", ...(dtype === "float32" ? {} : { out_dtype: dtype }) }),
    ...(recipe.vocabulary === "first-rows" ? {} : { tokenizer: { source: "base" } }),
    ...(recipe.output.chatTemplate === "chat" ? { chat_template: "auto" } : {}),
  };
  // mergekit reads YAML 1.1, in which more words need quotes.
  const document = new Document(file, { version: "1.1" });
  visit(document, {
    Seq(_, list) {
      if (
        !list.items.some(isSeq) &&
        list.items.every((item) => typeof item !== "object" || !("items" in (item ?? {})))
      ) {
        list.flow = true;
      }
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function weightForm(conditions: Setting<Gradient>): unknown {
  const [first] = conditions;
  if (conditions.length === 1 && first?.needles.length === 0) return gradientForm(first.value);
  return conditions.map(({ needles: [filter], value }) => ({
    ...(filter === undefined ? {} : { filter }),
    value: gradientForm(value),
  }));
}

function gradientForm(gradient: Gradient): number | number[] {
  return constantOf(gradient) ?? [...gradient];
}

function notesOn(
  recipe: Recipe,
  { anchored }: WeightedModels,
  layerNeedle: string | null,
  tensors: readonly NamedTensor[] | null,
  written: readonly WrittenModel[],
): string[] {
  const notes: string[] = [];
  const { output, vocabulary, onMismatch } = recipe;
  if (tensors === null) {
    for (const glob of anchored)
      notes.push(`${glob}: mergekit's filter fits its letters anywhere in a tensor's name, not only at its end`);
    const usesLayers = written.some(({ conditions }) => conditions.some(({ needles }) => needles[0] === layerNeedle));
    if (usesLayers) notes.push(`tensors inside the layers are told by “${layerNeedle}” in their names`);
  }
  if (output.dtype === "same") {
    notes.push("without a dtype mergekit computes in the target's own, and rounds every weight and difference to it");
  }
  if (vocabulary === "first-rows") {
    notes.push("mergekit stops where a chat or base model has fewer tokens than the target");
  } else {
    notes.push(
      "mergekit cuts embeddings to the tokenizer's tokens, and fills tokens that only one of chat and base lacks from the target",
    );
  }
  if (onMismatch === "error") notes.push("mergekit passes over tensors whose shapes differ, with a line in its log");
  if (output.chatTemplate === "chat") notes.push("mergekit takes the chat template that most of the models have");
  if (output.shardBytes !== defaultShardBytes)
    notes.push("mergekit's file has no shard size; it has an option for it, in parameters");
  return notes;
}
