import { maximumRuleCount, maximumScale, maximumVectorCount } from "../../limits.ts";
import { type OutputDtype, type Recipe, type RecipeInput, recipeSchema } from "../recipe.ts";
import { locate } from "../yaml/locate.ts";
import { parseYaml } from "../yaml/parse-yaml.ts";
import type { MergekitConfig, NamedDtype } from "./config.ts";
import { type ImportNote, MergekitSource } from "./mergekit-source.ts";
import { modelScales } from "./model-scales.ts";
import { type ImportedVector, pairModels } from "./pair-models.ts";
import { readConfig } from "./read-config.ts";
import { readSegments } from "./segments.ts";
import { Effort } from "./setting.ts";
import { vectorScale } from "./vector-scale.ts";

export interface MergekitImport {
  readonly recipe: Recipe;
  /** What mergekit would pass over, and what is not quite the same here. */
  readonly notes: readonly ImportNote[];
  /** The number of layers that the recipe holds for; null where it holds for any. */
  readonly layerCount: number | null;
}

export interface MergekitImportOptions {
  /** Layers of the base model, where they are known. Only a few settings need it. */
  readonly layerCount?: number;
}

/**
 * Reads a mergekit file with `merge_method: task_arithmetic` as the recipe that does what mergekit does: the same λ, to f32, for
 * every tensor. Models stay as they are written. Throws `recipe-invalid` for what mergekit would not take and
 * `recipe-inexpressible` for what a recipe cannot say. Source: mergekit's config.py, plan.py and generalized_task_arithmetic.py.
 */
export function parseMergekit(text: string, where: string, options: MergekitImportOptions = {}): MergekitImport {
  const yaml = parseYaml(text, where, "1.1");
  const source = new MergekitSource(yaml.source);
  const config = readConfig(locate(yaml), source);
  const segments = readSegments(config, options.layerCount ?? null, source);
  const effort = new Effort();
  const models = modelScales(segments, effort, config.bodyOffset, source);
  if (models.length === 0) {
    throw source.inexpressible(config.bodyOffset, { what: "there is no model but the base: nothing would be added" });
  }
  // With a tokenizer, mergekit fills a model's missing tokens from the base: then a pair is not the same as a chat vector.
  const base = segments.base.path;
  const vectors =
    config.tokenizer === null
      ? pairModels(models, base, effort)
      : models.map(({ model, scale }) => ({ chat: model, base, scale }));
  const input: RecipeInput = {
    target: base,
    vectors: readVectors(vectors, config, source),
    vocabulary: vocabularyOf(config, base, source),
    // mergekit passes over tensors whose shapes differ.
    onMismatch: "keep-target",
    output: { dtype: outputDtype(config, source), tokenizer: "target", chatTemplate: chatTemplateOf(config, source) },
  };
  const counts = "slices" in config.body ? segments.segments.map(({ layerCount }) => layerCount ?? 0) : [];
  const layerCount = counts.length > 0 ? counts.reduce((sum, count) => sum + count) : (options.layerCount ?? null);
  if (counts.length > 0 && options.layerCount === undefined) {
    source.note(config.bodyOffset, `the slices have ${layerCount} layers: the recipe holds for models with as many`);
  }
  const recipe = recipeSchema.safeParse(input);
  if (recipe.success) return { recipe: recipe.data, notes: source.notes(), layerCount };
  const expected = `from −${maximumScale} to ${maximumScale}`;
  throw source.inexpressible(config.bodyOffset, {
    what: "weights, lambda and normalize make a λ out of range",
    expected,
  });
}

/** The base model that the file names, as it is written. Throws as `parseMergekit` does. */
export function mergekitBase(text: string, where: string): string {
  const yaml = parseYaml(text, where, "1.1");
  const source = new MergekitSource(yaml.source);
  return readSegments(readConfig(locate(yaml), source), null, source).base.path;
}

function readVectors(
  vectors: readonly ImportedVector[],
  { bodyOffset }: MergekitConfig,
  source: MergekitSource,
): RecipeInput["vectors"] {
  if (vectors.length > maximumVectorCount) {
    const expected = `at most ${maximumVectorCount}`;
    throw source.inexpressible(bodyOffset, {
      what: "there are too many vectors",
      expected,
      actual: `${vectors.length}`,
    });
  }
  const names = new Set<string>();
  return vectors.map(({ chat, base, scale }) => {
    const name = uniqueName(chat, names);
    const written = vectorScale(scale, name, bodyOffset, source);
    if ((written.rules?.length ?? 0) > maximumRuleCount) {
      const what = `the filters of ${name} take more rules than a recipe can have`;
      throw source.inexpressible(bodyOffset, { what, expected: `at most ${maximumRuleCount}` });
    }
    return { name, chat, base, ...written };
  });
}

/** The last part of the model's path. */
function uniqueName(model: string, taken: Set<string>): string {
  const plain =
    model
      .split(/[\\/]/)
      .filter((part) => part !== "" && part !== ".")
      .at(-1) ?? model;
  let name = plain;
  for (let count = 2; taken.has(name); count++) name = `${plain} ${count}`;
  taken.add(name);
  return name;
}

/** Without a tokenizer mergekit adds the rows that both have, from the first; with the base's it matches tokens. */
function vocabularyOf({ tokenizer }: MergekitConfig, base: string, source: MergekitSource): Recipe["vocabulary"] {
  if (tokenizer === null) return "first-rows";
  if (tokenizer.source === "base" || tokenizer.source === base) {
    source.note(
      tokenizer.offset,
      "mergekit cuts embeddings to the tokenizer's tokens; here the target's padding rows stay",
    );
    return "by-token";
  }
  const isUnion = tokenizer.source === "union";
  throw source.inexpressible(tokenizer.offset, {
    what: isUnion
      ? "a union of vocabularies gives the target new rows, which a recipe does not"
      : "the output would have the rows of another model's vocabulary; a recipe keeps the target's",
    expected: "base",
    actual: tokenizer.source,
    advice: "Where the vocabularies are the same, base says the same",
  });
}

const dtypes: Readonly<Record<NamedDtype["name"], OutputDtype>> = { float32: "F32", float16: "F16", bfloat16: "BF16" };
const significantBits: Readonly<Record<NamedDtype["name"], number>> = { float32: 24, float16: 11, bfloat16: 8 };

function outputDtype({ dtype, outDtype }: MergekitConfig, source: MergekitSource): OutputDtype {
  if (dtype !== null && outDtype !== null && significantBits[dtype.name] < significantBits[outDtype.name]) {
    const message = `mergekit computes in ${dtype.name} and then widens to ${outDtype.name}; here nothing is rounded before the output`;
    source.note(dtype.offset, message);
  }
  const written = outDtype ?? dtype;
  return written === null ? "same" : dtypes[written.name];
}

function chatTemplateOf({ chatTemplate }: MergekitConfig, source: MergekitSource): "target" | "chat" {
  if (chatTemplate === null) return "target";
  if (chatTemplate.text === "auto") {
    const message = "mergekit takes the template that most of the models have; here it is the first chat model's";
    source.note(chatTemplate.offset, message);
    return "chat";
  }
  throw source.inexpressible(chatTemplate.offset, {
    what: "a recipe takes its chat template from one of its models",
    expected: "auto, or none",
    actual: chatTemplate.text.length > 40 ? "a template" : chatTemplate.text,
    advice: "Remove the line, and set the template in the exported model's tokenizer_config.json",
  });
}
