import { quoteName } from "../../checkpoint/quote.ts";
import { maximumLayerCount, maximumVectorCount } from "../../limits.ts";
import { suggestWord } from "../suggest.ts";
import type { MergekitConfig, ModelReference, OutputSlice, Parameters, SourceModel } from "./config.ts";
import type { Gradient } from "./gradient.ts";
import type { MergekitSource } from "./mergekit-source.ts";
import { readSetting } from "./read-setting.ts";
import { always, chain, type Setting } from "./setting.ts";

/** A run of layers that mergekit merges with the same settings; a gradient spans it from its first layer to its last. */
export interface Segment {
  /** Null: all layers of the models, however many those are. */
  readonly layerCount: number | null;
  /** Of every model but the base, in the file's order. */
  readonly weights: ReadonlyMap<string, Setting<Gradient>>;
  /** Multiplies the sum of the task vectors. */
  readonly lambda: Setting<Gradient>;
  /** Where it is not 0, the sum is divided by the sum of the weights. */
  readonly normalize: Setting<Gradient>;
}

export interface Segments {
  readonly base: ModelReference;
  readonly segments: readonly Segment[];
}

/**
 * What mergekit does to which layers, its levels of parameters resolved: those of a source go before those of its slice, these
 * before the module's and the file's. `layerCount` is the models', where it is known.
 */
export function readSegments(config: MergekitConfig, layerCount: number | null, source: MergekitSource): Segments {
  requireFewModels(config, source);
  if ("models" in config.body) {
    const base = config.baseModel ?? missingBase(config.bodyOffset, source);
    const segment = readSegment(config.body.models, base, config.parameters, layerCount, source);
    return { base, segments: [segment] };
  }
  const { slices } = config.body;
  const base = baseOfSlices(config, slices, source);
  requireAllLayers(slices, layerCount, source);
  const segments = slices.map(({ sources, parameters }) => {
    const [first] = sources;
    const count = first === undefined ? 0 : first.layers[1] - first.layers[0];
    return readSegment(sources, base, [parameters, ...config.parameters], count, source);
  });
  return { base, segments };
}

function readSegment(
  models: readonly SourceModel[],
  base: ModelReference,
  outer: readonly Parameters[],
  layerCount: number | null,
  source: MergekitSource,
): Segment {
  for (const parameters of outer) noteUnused(parameters, source);
  const weights = new Map<string, Setting<Gradient>>();
  for (const model of models) {
    noteUnusedBeside(model, base, source);
    if (model.path === base.path) continue;
    if (weights.has(model.path)) {
      source.note(model.offset, "mergekit adds a model that is listed twice once, with its first weight");
      continue;
    }
    const own = models.filter(({ path }) => path === model.path).map(({ parameters }) => parameters);
    weights.set(model.path, readWeight(model, [...own, ...outer], source));
  }
  const ofAll = (name: string, otherwise: number) =>
    chain([...outer.flatMap((parameters) => settingsOf(parameters, name, source)), always([otherwise])]);
  return { layerCount, weights, lambda: ofAll("lambda", 1), normalize: ofAll("normalize", 0) };
}

/** A vector takes two models at most, chat and base, in as many slices as a network has layers. */
function requireFewModels({ body, bodyOffset }: MergekitConfig, source: MergekitSource): void {
  const models = "models" in body ? body.models : body.slices.flatMap(({ sources }) => sources);
  const count = new Set(models.map(({ path }) => path)).size;
  if (count <= 2 * maximumVectorCount + 1 && models.length <= maximumSourceCount) return;
  throw source.inexpressible(bodyOffset, {
    what: "there are too many models for one recipe",
    expected: `at most ${maximumVectorCount} vectors`,
    actual: `${count} models, in ${models.length} places`,
  });
}

/** Models named in all slices together: 256 layers with eight models each. */
const maximumSourceCount = 2048;

function readWeight(model: SourceModel, levels: readonly Parameters[], source: MergekitSource): Setting<Gradient> {
  const settings = levels.flatMap((parameters) => settingsOf(parameters, "weight", source));
  if (settings.length === 0) {
    const advice = "Give it parameters: {weight: 1}";
    throw source.invalid(model.offset, { what: `${model.path} has no weight, which mergekit requires`, advice });
  }
  return chain(settings);
}

function settingsOf(parameters: Parameters, name: string, source: MergekitSource): Setting<Gradient>[] {
  const entry = parameters.get(name);
  return entry === undefined ? [] : [readSetting(entry.value, name, source)];
}

const usedNames = ["weight", "lambda", "normalize"];

function noteUnused(parameters: Parameters, source: MergekitSource): void {
  for (const [name, { keyOffset }] of parameters) {
    if (usedNames.includes(name)) continue;
    const suggestion = suggestWord(name, usedNames);
    const hint = suggestion === null ? "" : `; did you mean ${suggestion}?`;
    source.note(keyOffset, `${quoteName(name)} has no effect in task_arithmetic${hint}`);
  }
}

function noteUnusedBeside({ path, parameters }: SourceModel, base: ModelReference, source: MergekitSource): void {
  noteUnused(parameters, source);
  for (const name of ["lambda", "normalize"]) {
    const entry = parameters.get(name);
    if (entry === undefined) continue;
    source.note(entry.keyOffset, `mergekit does not look for ${name} beside a model: it has no effect here`);
  }
  const weight = parameters.get("weight");
  if (weight !== undefined && path === base.path) {
    source.note(weight.keyOffset, "a weight of the base model has no effect: it is what the others are added to");
  }
}

function missingBase(offset: number, source: MergekitSource): never {
  const advice = "Name the model that the others are added to";
  throw source.invalid(offset, { what: "base_model is missing, which task_arithmetic requires", advice });
}

function baseOfSlices(config: MergekitConfig, slices: readonly OutputSlice[], source: MergekitSource): ModelReference {
  const bases = slices.map(({ baseModel }) => baseModel ?? config.baseModel ?? missingBase(config.bodyOffset, source));
  const [base = missingBase(config.bodyOffset, source)] = bases;
  const other = bases.find(({ path }) => path !== base.path);
  if (other !== undefined) {
    throw source.inexpressible(other.offset, {
      what: "slices have different base models, and a recipe has one target",
    });
  }
  const without = slices.find(({ sources }) => !sources.some(({ path }) => path === base.path));
  if (without !== undefined) {
    throw source.invalid(without.offset, {
      what: "the base model is not among the sources of the slice",
      expected: base.path,
    });
  }
  return base;
}

/** Slices may only say what they say of every layer at its own place: a recipe neither moves, repeats nor drops layers. */
function requireAllLayers(slices: readonly OutputSlice[], layerCount: number | null, source: MergekitSource): void {
  let next = 0;
  for (const { sources, offset } of slices) {
    const [first] = sources;
    const uneven = sources.find(
      ({ layers }) => layers[1] - layers[0] !== (first?.layers[1] ?? 0) - (first?.layers[0] ?? 0),
    );
    if (uneven !== undefined) {
      throw source.invalid(uneven.offset, { what: "the sources of a slice have different numbers of layers" });
    }
    const moved = sources.find(({ layers }) => layers[0] !== next);
    if (moved !== undefined) {
      throw source.inexpressible(moved.offset, {
        what: "slices move, repeat or leave out layers, which a recipe does not",
        expected: `layers from ${next}`,
        actual: `layers from ${moved.layers[0]}`,
      });
    }
    next = first?.layers[1] ?? next;
    // For what comes after the layers, mergekit counts the last slice's models by the first slice's.
    if (sources.length > (slices[0]?.sources.length ?? 0)) {
      throw source.inexpressible(offset, {
        what: "a later slice has more sources than the first, of which mergekit forgets some",
      });
    }
  }
  if (next > maximumLayerCount) {
    const what = "the slices have more layers than a network can have";
    throw source.invalid(slices[0]?.offset ?? 0, { what, expected: `at most ${maximumLayerCount}`, actual: `${next}` });
  }
  if (layerCount !== null && layerCount !== next) {
    throw source.inexpressible(slices[0]?.offset ?? 0, {
      what: "the slices are not all of the model's layers",
      expected: `${layerCount} layers`,
      actual: `${next}`,
    });
  }
}
