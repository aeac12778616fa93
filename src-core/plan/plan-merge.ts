import type { Checkpoint, TensorEntry } from "../checkpoint/checkpoint.ts";
import { elementCount } from "../checkpoint/checkpoint.ts";
import { bytesPerElement, isFloat, type MergeableDtype } from "../checkpoint/dtype.ts";
import { layoutSafetensors } from "../checkpoint/safetensors-writer.ts";
import { formatShardIndex } from "../checkpoint/shard-index.ts";
import type { Recipe } from "../recipe/recipe.ts";
import { TensorIndex } from "./alignment.ts";
import { type ChatTokenRows, placeChatTokens, type TakenElements, takenElements } from "./chat-token-rows.ts";
import { compareConfigs } from "./compatibility.ts";
import { describeTreatment } from "./describe.ts";
import type { MergePlan, OutputLayout, PlannedSpan, PlannedTensor, PlannedVector } from "./merge-plan.ts";
import { missingInTarget } from "./missing-in-target.ts";
import { assignShards, type OutputTensor, outputTensorOf, shardName } from "./output-layout.ts";
import { isBlocking, type Problem } from "./problem.ts";
import { ProblemCollector } from "./problem-collector.ts";
import { planSideFiles } from "./side-files.ts";
import { SourceTable } from "./source-table.ts";
import { spansOf, withTaken } from "./spans.ts";
import { hasVocabularyRows, placeOfTensor } from "./tensor-names.ts";
import { type Treatment, type TreatmentContext, treatTensor } from "./treatment.ts";
import { unmergeableProblems } from "./unmergeable.ts";
import { type Vocabularies, VocabularyTreatments } from "./vocabulary-treatment.ts";
import { scaleProblems, weightsOf, widenedProblems } from "./weights.ts";

export interface PlanInput {
  readonly recipe: Recipe;
  readonly target: Checkpoint;
  /** In the recipe's order. */
  readonly vectors: readonly { readonly chat: Checkpoint; readonly base: Checkpoint }[];
  /** What is known of the models' tokens; without it, rows meet only where there are equally many. */
  readonly vocabularies?: Vocabularies;
}

/**
 * Decides from headers alone what happens to every tensor of the target, and fixes every byte's place in the output.
 * Always returns a plan, for the window to show; whether it may be executed, `isExecutable` says.
 */
export function planMerge(input: PlanInput): MergePlan {
  const { recipe } = input;
  const weights = weightsOf(input.target);
  const target = { ...input.target, tensors: weights.tensors };
  const sources = new SourceTable(input);
  const aligned = input.vectors.map(({ chat, base }) => ({ chat: new TensorIndex(chat), base: new TensorIndex(base) }));
  const collector = new ProblemCollector(recipe);
  const vocabularies = input.vocabularies ?? new Map();
  const models = { target: new TensorIndex(target), chat: at(aligned, 0).chat };
  const chatTokens = placeChatTokens(recipe, models, vocabularies);
  const context: TreatmentContext = {
    recipe,
    target: models.target,
    vectors: aligned,
    layerCount: layerCountOf(target),
    vocabularies: new VocabularyTreatments(recipe, vocabularies),
    takenRows: chatTokens.placed.map(({ targetRow }) => targetRow),
  };
  const treatments = target.tensors.map((tensor) => {
    const treatment = treatTensor(tensor, context);
    for (const obstacle of treatment.obstacles) collector.add(tensor.name, obstacle);
    return treatment;
  });
  const { taken, problems: takeProblems } = takeRows(target, models, chatTokens);
  const outputTensors = target.tensors.map((tensor) =>
    outputTensorOf(tensor, recipe.output.dtype, hasVocabularyRows(tensor.name) ? chatTokens.rowCount : null),
  );
  const layout = layOut(outputTensors, recipe.output.shardBytes);
  const tensors = target.tensors.map((tensor, index) =>
    plannedTensor(
      { tensor, treatment: at(treatments, index), taken: at(taken, index), output: at(outputTensors, index) },
      at(layout.places, index),
      recipe,
      sources,
    ),
  );
  const unmergeable = [...unmergeableProblems(modelsOf(input)), ...scaleProblems(modelsOf(input))];
  const isWidened = tensors.some(({ target: { encoded } }) => encoded !== undefined);
  const { sideFiles, problems: sideProblems } = planSideFiles(recipe, isWidened, chatTokens, vocabularies);
  const tokenProblems = [...chatTokens.problems, ...takeProblems, ...sideProblems];
  const found = [...collector.problems(), ...tokenProblems, ...widenedProblems(weights, recipe)];
  // Beside weights that are no numbers, what their names and shapes do not match says nothing.
  const alignment =
    unmergeable.length > 0
      ? []
      : [...found, ...missingInTarget(context, treatments), ...nothingToMerge(treatments), ...emptyVectors(input)];
  const problems = [...configProblems(input), ...unmergeable, ...alignment];
  const { placed } = chatTokens;
  return { recipe, sources: sources.list, tensors, output: layout.output, problems, chatTokens: placed, sideFiles };
}

/** What each tensor takes of the chat model's rows; one that cannot is a problem. */
function takeRows({ tensors }: Checkpoint, models: { target: TensorIndex; chat: TensorIndex }, rows: ChatTokenRows) {
  const problems: Problem[] = [];
  const taken = tensors.map((tensor) => {
    const found = takenElements(tensor, models, rows);
    if (!("severity" in found)) return found;
    problems.push(found);
    return [];
  });
  return { taken, problems };
}

/** No error, and every decision has been taken. */
export function isExecutable(plan: MergePlan): boolean {
  return !plan.problems.some(isBlocking);
}

interface TreatedTensor {
  readonly tensor: TensorEntry;
  readonly treatment: Treatment;
  readonly taken: readonly TakenElements[];
  readonly output: OutputTensor;
}

function plannedTensor(
  { tensor, treatment, taken, output }: TreatedTensor,
  place: Place,
  recipe: Recipe,
  sources: SourceTable,
): PlannedTensor {
  const count = elementCount(output.shape);
  const location = sources.locate(recipe.target, tensor);
  const isTouched = treatment.contributions.length > 0 || taken.length > 0;
  return {
    name: tensor.name,
    shape: output.shape,
    elementCount: count,
    byteLength: isFloat(tensor.dtype)
      ? count * bytesPerElement(location.dtype as MergeableDtype | "F64")
      : tensor.byteLength,
    layer: placeOfTensor(tensor.name).layer,
    action: isTouched ? "merge" : "copy",
    reason: describeTreatment(treatment, recipe),
    target: location,
    spans: plannedSpans(count, treatment, taken, recipe, sources),
    output: { file: place.file, dtype: output.dtype, byteOffset: place.byteOffset, byteLength: output.byteLength },
  };
}

/** Spans share their locations, of which a shuffled vocabulary would have one for every row. */
function plannedSpans(
  count: number,
  { contributions }: Treatment,
  taken: readonly TakenElements[],
  recipe: Recipe,
  sources: SourceTable,
): readonly PlannedSpan[] {
  const located = contributions.map(({ vector, scale, chat, base, runs }) => {
    const { chat: chatModel, base: baseModel } = at(recipe.vectors, vector);
    const locations = { chat: sources.locate(chatModel, chat), base: sources.locate(baseModel, base) };
    return { runs, planned: { vector, scale: scale.scale, ...locations } };
  });
  const spans = spansOf(count, located, ({ planned }, runs): PlannedVector => ({ ...planned, runs }));
  const chatModel = at(recipe.vectors, 0).chat;
  const takes = taken.map(({ elementOffset, elementCount: taking, chat, chatElement }) => ({
    elementOffset,
    elementCount: taking,
    from: { location: sources.locate(chatModel, chat), elementOffset: chatElement },
  }));
  return withTaken(spans, takes);
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

/** A model less itself is nothing: the output would be the target, under another name. */
function emptyVectors({ recipe, vectors }: PlanInput): Problem[] {
  const isEmpty = vectors.map(({ chat, base }) => chat.path === base.path);
  const severity = isEmpty.every(Boolean) ? "error" : "notice";
  return recipe.vectors.flatMap(({ name }, index): Problem[] => {
    if (isEmpty[index] !== true) return [];
    const which = recipe.vectors.length > 1 ? ` of ${name}` : "";
    const message = `Chat and base${which} are the same model: their difference is zero, and nothing would be added`;
    return [{ code: "vector-empty", severity, message }];
  });
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
