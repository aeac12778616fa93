import { quoteName } from "../../checkpoint/quote.ts";
import { suggestWord } from "../suggest.ts";
import { describeLocated } from "../yaml/describe-located.ts";
import type { Located, LocatedMap } from "../yaml/locate.ts";
import type { MergekitConfig, NamedDtype, OutputSlice, Parameters, SlicedModel, SourceModel } from "./config.ts";
import { entryOf, isFilled, optional, readText, required, requireItems, requireMap } from "./fields.ts";
import type { MergekitSource } from "./mergekit-source.ts";
import { describeMethod } from "./methods.ts";
import { readModelReference } from "./read-model-reference.ts";
import { readTokenizer } from "./read-tokenizer.ts";

const configKeys = [
  "merge_method",
  "base_model",
  "models",
  "slices",
  "modules",
  "parameters",
  "dtype",
  "out_dtype",
  "tokenizer",
  "tokenizer_source",
  "chat_template",
];

/**
 * Reads a task_arithmetic file. Keys that mergekit ignores are noted. Throws `recipe-invalid` for what mergekit would not take,
 * `recipe-inexpressible` for what a recipe cannot say.
 */
export function readConfig(root: Located, source: MergekitSource): MergekitConfig {
  const map = requireMap(root, "the file", configKeys, source);
  readMethod(map, source);
  const { holder, parameters } = readModule(map, source);
  return {
    baseModel: optional(map, "base_model", (value) => readModelReference(value, source)),
    ...readBody(holder, source),
    parameters,
    dtype: optional(map, "dtype", (value) => readDtype(value, source)),
    outDtype: optional(map, "out_dtype", (value) => readDtype(value, source)),
    tokenizer: readTokenizer(map, source),
    chatTemplate: optional(map, "chat_template", (value) => readText(value, "chat_template", source)),
  };
}

function readMethod(map: LocatedMap, source: MergekitSource): void {
  const located = map.entries.get("merge_method")?.value;
  if (located === undefined) {
    const advice = "A mergekit file has merge_method, base_model and models";
    throw source.invalid(map, { what: "merge_method is missing", expected: "task_arithmetic", advice });
  }
  const method = readText(located, "merge_method", source)?.text ?? "";
  if (method === "task_arithmetic") return;
  const { isKnown, complaint } = describeMethod(method);
  throw isKnown ? source.inexpressible(located, complaint) : source.invalid(located, complaint);
}

/** Language models have one module, "default"; others name the parts of a multimodal model, which one recipe cannot tell apart. */
function readModule(
  map: LocatedMap,
  source: MergekitSource,
): { holder: LocatedMap; parameters: readonly Parameters[] } {
  const ofFile = readParameters(map, source);
  const modules = entryOf(map, "modules");
  const present = ["models", "slices", "modules"].filter((key) => isFilled(entryOf(map, key)));
  if (present.length !== 1) {
    const actual = present.length === 0 ? "none of them" : present.join(" and ");
    throw source.invalid(map, {
      what: "mergekit takes one list of models",
      expected: "models, slices or modules",
      actual,
    });
  }
  if (modules === null || !isFilled(modules)) return { holder: map, parameters: [ofFile] };
  const named = requireMap(modules, "modules", null, source);
  const [name, entry] = [...named.entries][0] ?? [];
  if (named.entries.size !== 1 || name !== "default" || entry === undefined) {
    throw source.inexpressible(modules, {
      what: "modules name the parts of a multimodal model, and mergekit leaves out those that are not named",
      expected: "models for the whole model",
      actual: quoteName([...named.entries.keys()].join(", ")),
    });
  }
  const holder = requireMap(entry.value, "module default", ["models", "slices", "parameters"], source);
  if (isFilled(entryOf(holder, "models")) === isFilled(entryOf(holder, "slices"))) {
    throw source.invalid(holder, { what: "module default takes one list of models", expected: "models or slices" });
  }
  return { holder, parameters: [readParameters(holder, source), ofFile] };
}

function readBody(holder: LocatedMap, source: MergekitSource): Pick<MergekitConfig, "body" | "bodyOffset"> {
  const models = entryOf(holder, "models");
  if (models !== null && isFilled(models)) {
    const items = requireItems(models, "models", source);
    return { body: { models: items.map((item) => readSourceModel(item, source)) }, bodyOffset: models.offset };
  }
  const slices = entryOf(holder, "slices") ?? holder;
  const items = requireItems(slices, "slices", source);
  return { body: { slices: items.map((item) => readSlice(item, source)) }, bodyOffset: slices.offset };
}

function readSourceModel(item: Located, source: MergekitSource): SourceModel {
  const map = requireMap(item, "a model", ["model", "parameters"], source);
  return { ...readModelReference(required(map, "model", source), source), parameters: readParameters(map, source) };
}

function readSlice(item: Located, source: MergekitSource): OutputSlice {
  const map = requireMap(item, "a slice", ["sources", "base_model", "residual_weight", "parameters"], source);
  const unused = map.entries.get("residual_weight");
  if (unused !== undefined) source.note(unused.keyOffset, "residual_weight has no effect in mergekit");
  return {
    offset: map.offset,
    baseModel: optional(map, "base_model", (value) => readModelReference(value, source)),
    sources: requireItems(required(map, "sources", source), "sources", source).map((each) => readSliced(each, source)),
    parameters: readParameters(map, source),
  };
}

function readSliced(item: Located, source: MergekitSource): SlicedModel {
  const map = requireMap(item, "a source", ["model", "layer_range", "parameters"], source);
  const range = required(map, "layer_range", source);
  const [from, to, more] = range.kind === "list" ? range.items.map(wholeNumber) : [];
  if (from === undefined || to === undefined || more !== undefined || from < 0 || to <= from) {
    const expected = "[first, end], whole numbers";
    throw source.invalid(range, { what: "layer_range is not valid", expected, actual: describeLocated(range) });
  }
  const reference = readModelReference(required(map, "model", source), source);
  return { ...reference, layers: [from, to], parameters: readParameters(map, source) };
}

function wholeNumber(located: Located): number {
  const value = located.kind === "scalar" ? located.value : null;
  return typeof value === "number" && Number.isSafeInteger(value) ? value : -1;
}

function readParameters(map: LocatedMap, source: MergekitSource): Parameters {
  const located = entryOf(map, "parameters");
  return located === null ? new Map() : requireMap(located, "parameters", null, source).entries;
}

const dtypeNames = ["float32", "float16", "bfloat16"] as const;

function readDtype(located: Located, source: MergekitSource): NamedDtype | null {
  const text = readText(located, "a dtype", source);
  if (text === null) return null;
  const plain = text.text.replace(/^torch\./, "");
  const name = dtypeNames.find((known) => known === plain);
  if (name !== undefined) return { name, offset: text.offset };
  const complaint = { expected: dtypeNames.join(", "), actual: quoteName(text.text) };
  if (plain === "int64")
    throw source.inexpressible(located, { what: "weights cannot be merged as whole numbers", ...complaint });
  const suggestion = suggestWord(plain, dtypeNames);
  const advice = suggestion === null ? {} : { advice: `Did you mean ${suggestion}?` };
  throw source.invalid(located, { what: "mergekit knows no such dtype", ...complaint, ...advice });
}
