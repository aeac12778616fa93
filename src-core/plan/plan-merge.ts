import type { Checkpoint, TensorEntry } from "../checkpoint/checkpoint.ts";
import { elementCount } from "../checkpoint/checkpoint.ts";
import { layoutSafetensors } from "../checkpoint/safetensors-writer.ts";
import { formatShardIndex } from "../checkpoint/shard-index.ts";
import { StudioError } from "../errors.ts";
import type { Recipe } from "../recipe/recipe.ts";
import { TensorIndex } from "./alignment.ts";
import { compareConfigs } from "./compatibility.ts";
import { describeTreatment } from "./describe.ts";
import type { MergePlan, OutputLayout, PlannedTensor, PlanSource, TensorLocation } from "./merge-plan.ts";
import { missingInTarget } from "./missing-in-target.ts";
import { assignShards, type OutputTensor, outputTensorOf, shardName } from "./output-layout.ts";
import { isBlocking, type Problem } from "./problem.ts";
import { ProblemCollector } from "./problem-collector.ts";
import { spansOf } from "./spans.ts";
import { placeOfTensor } from "./tensor-names.ts";
import { type Treatment, treatTensor } from "./treatment.ts";
import { unmergeableProblems } from "./unmergeable.ts";

export interface PlanInput {
  readonly recipe: Recipe;
  readonly target: Checkpoint;
  /** In the recipe's order. */
  readonly vectors: readonly { readonly chat: Checkpoint; readonly base: Checkpoint }[];
}

/**
 * Decides from headers alone what happens to every tensor of the target, and fixes every byte's place in the output.
 * Always returns a plan, for the window to show; whether it may be executed, `isExecutable` says.
 */
export function planMerge(input: PlanInput): MergePlan {
  const { recipe, target } = input;
  refuseUnknownPolicy(recipe);
  const sources = new SourceTable(input);
  const aligned = input.vectors.map(({ chat, base }) => ({ chat: new TensorIndex(chat), base: new TensorIndex(base) }));
  const context = { recipe, target: new TensorIndex(target), vectors: aligned, layerCount: layerCountOf(target) };
  const collector = new ProblemCollector(recipe);
  const treatments = target.tensors.map((tensor) => {
    const treatment = treatTensor(tensor, context);
    for (const obstacle of treatment.obstacles) collector.add(tensor.name, obstacle);
    return treatment;
  });
  const outputTensors = target.tensors.map((tensor) => outputTensorOf(tensor, recipe.output.dtype));
  const layout = layOut(outputTensors, recipe.output.shardBytes);
  const tensors = target.tensors.map((tensor, index) =>
    plannedTensor(tensor, at(treatments, index), at(outputTensors, index), at(layout.places, index), recipe, sources),
  );
  const unmergeable = unmergeableProblems(modelsOf(input));
  // Beside weights that are no numbers, what their names and shapes do not match says nothing.
  const alignment =
    unmergeable.length > 0
      ? []
      : [...collector.problems(), ...missingInTarget(context, treatments), ...nothingToMerge(treatments)];
  const problems = [...configProblems(input), ...unmergeable, ...alignment];
  return { recipe, sources: sources.list, tensors, output: layout.output, problems };
}

/** Treating it as another policy would give the target's tokens the rows of others. */
function refuseUnknownPolicy({ vocabulary }: Recipe): void {
  if (vocabulary !== "by-token") return;
  throw new StudioError({
    code: "decision-needed",
    what: "vocabularies cannot be matched by token yet",
    where: "vocabulary",
    expected: "first-rows or keep-target",
    actual: vocabulary,
  });
}

/** No error, and every decision has been taken. */
export function isExecutable(plan: MergePlan): boolean {
  return !plan.problems.some(isBlocking);
}

function plannedTensor(
  tensor: TensorEntry,
  treatment: Treatment,
  output: OutputTensor,
  place: Place,
  recipe: Recipe,
  sources: SourceTable,
): PlannedTensor {
  const count = elementCount(tensor.shape);
  return {
    name: tensor.name,
    shape: tensor.shape,
    elementCount: count,
    byteLength: tensor.byteLength,
    layer: placeOfTensor(tensor.name).layer,
    action: treatment.contributions.length > 0 ? "merge" : "copy",
    reason: describeTreatment(treatment, recipe),
    target: sources.locate(recipe.target, tensor),
    spans: spansOf(count, treatment.contributions, ({ vector, scale, chat, base }, runs) => ({
      vector,
      scale: scale.scale,
      chat: sources.locate(at(recipe.vectors, vector).chat, chat),
      base: sources.locate(at(recipe.vectors, vector).base, base),
      runs,
    })),
    output: { file: place.file, dtype: output.dtype, byteOffset: place.byteOffset, byteLength: output.byteLength },
  };
}

/** Each checkpoint once, however many roles it has: what is the same file is read once. */
class SourceTable {
  readonly list: PlanSource[] = [];
  readonly #indices = new Map<string, number>();

  constructor({ recipe, target, vectors }: PlanInput) {
    this.#add(recipe.target, target);
    recipe.vectors.forEach(({ chat, base }, index) => {
      const pair = at(vectors, index);
      this.#add(chat, pair.chat);
      this.#add(base, pair.base);
    });
  }

  locate(checkpoint: string, tensor: TensorEntry): TensorLocation {
    const source = this.#indices.get(checkpoint);
    if (source === undefined) throw new Error(`unknown source ${checkpoint}`);
    const { file, dtype, byteOffset, shape, strides } = tensor;
    const view = strides === undefined ? {} : { view: { shape, strides } };
    return { source, file, dtype, byteOffset, ...view };
  }

  #add(name: string, { files }: Checkpoint): void {
    if (this.#indices.has(name)) return;
    this.#indices.set(name, this.list.length);
    this.list.push({
      checkpoint: name,
      files: files.map((file) => ({ name: file.name, byteLength: file.byteLength })),
    });
  }
}

interface Place {
  readonly file: number;
  readonly byteOffset: number;
}

function layOut(tensors: readonly OutputTensor[], shardBytes: number): { output: OutputLayout; places: Place[] } {
  const shards = assignShards(tensors, shardBytes);
  const places = new Array<Place>(tensors.length);
  const weightMap: [tensor: string, file: string][] = [];
  const files = shards.map((shard, file) => {
    const name = shardName(file, shards.length);
    const layout = layoutSafetensors(
      shard.map((index) => at(tensors, index)),
      { format: "pt" },
    );
    shard.forEach((index, position) => {
      places[index] = { file, byteOffset: at(layout.byteOffsets, position) };
      weightMap.push([at(tensors, index).name, name]);
    });
    return { name, headerJson: layout.headerJson, byteLength: layout.byteLength };
  });
  const totalSize = tensors.reduce((sum, { byteLength }) => sum + byteLength, 0);
  // Sorted by tensor, as the usual tools write it.
  weightMap.sort(([a], [b]) => (a < b ? -1 : 1));
  const indexJson = shards.length > 1 ? formatShardIndex(weightMap, totalSize) : null;
  const byteLength = files.reduce((sum, file) => sum + file.byteLength, 0);
  return { output: { files, indexJson, byteLength }, places };
}

function configProblems(input: PlanInput): Problem[] {
  const [target, ...others] = modelsOf(input).map(({ role, checkpoint }) => ({ role, config: checkpoint.config }));
  return target === undefined ? [] : compareConfigs(target, others);
}

/** The target, then chat and base of each vector, as messages call them. */
function modelsOf({
  recipe,
  target,
  vectors,
}: PlanInput): { readonly role: string; readonly checkpoint: Checkpoint }[] {
  const several = recipe.vectors.length > 1;
  const others = recipe.vectors.flatMap(({ name }, index) => {
    const { chat, base } = at(vectors, index);
    const of = several ? ` of ${name}` : "";
    return [
      { role: `chat${of}`, checkpoint: chat },
      { role: `base${of}`, checkpoint: base },
    ];
  });
  return [{ role: "target", checkpoint: target }, ...others];
}

/** λ = 0 everywhere is a wish; models without one tensor in common are a mistake. */
function nothingToMerge(treatments: readonly Treatment[]): Problem[] {
  const touched = treatments.some(
    ({ contributions, obstacles }) => contributions.length > 0 || obstacles.some(({ code }) => code === "scale-zero"),
  );
  if (touched) return [];
  const message =
    "No tensor of the target is in chat and base with the same shape: these models do not belong together";
  return [{ code: "nothing-to-merge", severity: "error", message }];
}

/** Layers by the tensors' names: what the curve is stretched over. */
function layerCountOf(target: Checkpoint): number {
  return target.tensors.reduce((count, { name }) => Math.max(count, (placeOfTensor(name).layer ?? -1) + 1), 0);
}

function at<Item>(list: readonly Item[], index: number): Item {
  const item = list[index];
  if (item === undefined) throw new Error(`index ${index} of ${list.length}`);
  return item;
}
