import type { ErrorCode } from "../../errors.ts";
import type { Recipe } from "../recipe.ts";

/** A Llama of five layers, so that depths are quarters. */
export const layerCount = 5;

/** λ of one vector for the tensors of that Llama; lists are by layer. */
export interface ExpectedScales {
  readonly embed: number;
  readonly attention: readonly number[];
  readonly mlp: readonly number[];
  readonly layerNorm: readonly number[];
  readonly finalNorm: number;
  readonly head: number;
}

export interface ExpectedVector extends ExpectedScales {
  readonly chat: string;
  readonly base: string;
}

export interface MergekitCase {
  readonly name: string;
  readonly yaml: string;
  /** Whether the base model's layers are told to the import. */
  readonly knowsLayers?: true;
  readonly vectors?: readonly ExpectedVector[];
  readonly recipe?: Partial<Pick<Recipe, "target" | "vocabulary" | "onMismatch">> & {
    readonly output?: Partial<Recipe["output"]>;
  };
  /** What each note says, in part; together all that there are. */
  readonly notes?: readonly string[];
  readonly refusal?: { readonly code: ErrorCode; readonly where: string; readonly says: readonly string[] };
}

const everywhere = (value: number, chat: string, base = "base", more: Partial<ExpectedScales> = {}): ExpectedVector => {
  const layers = Array<number>(layerCount).fill(value);
  return {
    chat,
    base,
    embed: value,
    attention: layers,
    mlp: layers,
    layerNorm: layers,
    finalNorm: value,
    head: value,
    ...more,
  };
};

/** In the layers as given; outside them the first value, as mergekit has it. */
const overLayers = (
  layers: readonly number[],
  chat: string,
  base = "base",
  more: Partial<ExpectedScales> = {},
): ExpectedVector => {
  const outside = layers[0] ?? 0;
  return {
    chat,
    base,
    embed: outside,
    attention: layers,
    mlp: layers,
    layerNorm: layers,
    finalNorm: outside,
    head: outside,
    ...more,
  };
};

const header = "merge_method: task_arithmetic\nbase_model: base\n";
const one = (weight: string, more = "") =>
  `${header}models:\n  - model: chat\n    parameters:\n      weight: ${weight}\n${more}`;
const two = (a: string, b: string, more = "") =>
  `${header}models:\n  - model: a\n    parameters: {weight: ${a}}\n  - model: b\n    parameters: {weight: ${b}}\n${more}`;
const slice = (from: number, to: number, weight: string, more = "") =>
  `  - sources:\n      - {model: base, layer_range: [${from}, ${to}]}\n      - {model: chat, layer_range: [${from}, ${to}], parameters: {weight: ${weight}}}\n${more}`;

const valid: readonly MergekitCase[] = [
  {
    name: "one model with a weight",
    yaml: one("0.7"),
    vectors: [everywhere(0.7, "chat")],
    recipe: {
      target: "base",
      vocabulary: "first-rows",
      onMismatch: "keep-target",
      output: { dtype: "same", tokenizer: "target", chatTemplate: "target" },
    },
    notes: [],
  },
  {
    name: "the base among the models, whose weight means nothing",
    yaml: `${header}models:\n  - model: base\n    parameters: {weight: 9}\n  - model: chat\n    parameters: {weight: 1}\n`,
    vectors: [everywhere(1, "chat")],
    notes: ["weight of the base model has no effect"],
  },
  {
    name: "two models and a common lambda",
    yaml: two("0.6", "0.4", "parameters: {lambda: 0.5, int8_mask: true, normalize: false}\n"),
    vectors: [everywhere(0.6 * 0.5, "a"), everywhere(0.4 * 0.5, "b")],
    notes: ["int8_mask"],
  },
  {
    name: "normalize divides by the sum of the weights",
    yaml: two("3", "1", "parameters: {normalize: true}\n"),
    vectors: [everywhere(0.75, "a"), everywhere(0.25, "b")],
  },
  {
    name: "normalize with one model makes its weight 1",
    yaml: one("0.3", "parameters: {normalize: true, lambda: 0.9}\n"),
    vectors: [everywhere(0.9, "chat")],
  },
  {
    name: "normalize leaves weights that cancel as they are",
    yaml: two("0.5", "-0.5", "parameters: {normalize: true, lambda: 0.5}\ntokenizer_source: base\n"),
    vectors: [everywhere(0.25, "a"), everywhere(-0.25, "b")],
    recipe: { vocabulary: "by-token" },
  },
  {
    name: "a gradient runs over the layers, and outside them its first value counts",
    yaml: one("[0.2, 1]"),
    vectors: [overLayers([0.2, 0.75 * 0.2 + 0.25 * 1, 0.5 * 0.2 + 0.5 * 1, 0.25 * 0.2 + 0.75 * 1, 1], "chat")],
  },
  {
    name: "a gradient of other points than layers",
    yaml: one("[0, 1, 0.5]"),
    vectors: [overLayers([0, 0.5, 1, 0.75, 0.5], "chat")],
  },
  {
    name: "a gradient of one value is that value",
    yaml: one("[0.5]"),
    vectors: [everywhere(0.5, "chat")],
  },
  {
    name: "a gradient times lambda",
    yaml: one("[0, 1]", "parameters: {lambda: 0.5}\n"),
    vectors: [overLayers([0, 0.125, 0.25, 0.375, 0.5], "chat")],
  },
  {
    name: "filters: the first that fits counts, the last has none",
    yaml: one(
      "\n        - {filter: self_attn, value: 0.9}\n        - {filter: mlp, value: [0, 1]}\n        - value: 0.5",
    ),
    vectors: [everywhere(0.5, "chat", "base", { attention: Array<number>(5).fill(0.9), mlp: [0, 0.25, 0.5, 0.75, 1] })],
  },
  {
    name: "a filter is a part of the name, wherever it stands",
    yaml: one(
      "\n        - {filter: layers.1., value: 1}\n        - {filter: norm, value: 0}\n        - {filter: '*', value: 0.25}",
    ),
    vectors: [
      everywhere(0.25, "chat", "base", {
        attention: [0.25, 1, 0.25, 0.25, 0.25],
        mlp: [0.25, 1, 0.25, 0.25, 0.25],
        layerNorm: [0, 1, 0, 0, 0],
        finalNorm: 0,
      }),
    ],
  },
  {
    name: "a gradient behind a filter that fits tensors outside the layers too",
    yaml: one("\n        - {filter: norm, value: [0.5, 1]}\n        - value: 0"),
    vectors: [everywhere(0, "chat", "base", { layerNorm: [0.5, 0.625, 0.75, 0.875, 1], finalNorm: 0.5 })],
  },
  {
    name: "a filter with a star in it fits nothing",
    yaml: one("\n        - {filter: '*mlp*', value: 1}\n        - value: 0.5"),
    vectors: [everywhere(0.5, "chat")],
    notes: ["letter by letter"],
  },
  {
    name: "what no filter beside the model fits is asked of the file",
    yaml: one("\n        - {filter: mlp, value: 1}", "parameters:\n  weight: 0.25\n"),
    vectors: [everywhere(0.25, "chat", "base", { mlp: Array<number>(5).fill(1) })],
    notes: [],
  },
  {
    name: "filters without an end stop mergekit elsewhere",
    yaml: one(
      "\n        - {filter: proj, value: 1}\n        - {filter: norm, value: 0.5}\n        - {filter: e, value: 0.25}",
    ),
    vectors: [
      everywhere(0.25, "chat", "base", {
        attention: Array<number>(5).fill(1),
        mlp: Array<number>(5).fill(1),
        layerNorm: Array<number>(5).fill(0.5),
        finalNorm: 0.5,
      }),
    ],
    notes: ["where no filter of chat fits"],
  },
  {
    name: "lambda with filters",
    yaml: two("0.5", "1", "parameters:\n  lambda:\n    - {filter: mlp, value: 2}\n    - {value: 1}\n"),
    vectors: [
      everywhere(0.5, "a", "base", { mlp: Array<number>(5).fill(1) }),
      everywhere(1, "b", "base", { mlp: Array<number>(5).fill(2) }),
    ],
  },
  {
    name: "filters of weight and lambda together",
    yaml: one(
      "\n        - {filter: mlp, value: 0.5}\n        - {filter: norm, value: 0}\n        - value: 1",
      "parameters:\n  lambda:\n    - {filter: layers.0, value: 0.5}\n    - {value: 1}\n",
    ),
    vectors: [
      everywhere(1, "chat", "base", {
        attention: [0.5, 1, 1, 1, 1],
        mlp: [0.25, 0.5, 0.5, 0.5, 0.5],
        layerNorm: [0, 0, 0, 0, 0],
        finalNorm: 0,
      }),
    ],
  },
  {
    name: "normalized filters of two models",
    yaml: two("[{filter: mlp, value: 3}, {value: 1}]", "1", "parameters: {normalize: 1}\n"),
    vectors: [
      everywhere(0.5, "a", "base", { mlp: Array<number>(5).fill(0.75) }),
      everywhere(0.5, "b", "base", { mlp: Array<number>(5).fill(0.25) }),
    ],
  },
  {
    name: "normalized gradients, with the layers known",
    yaml: two("[0, 1]", "1", "parameters: {normalize: true}\n"),
    knowsLayers: true,
    vectors: [
      overLayers([0, 0.25 / 1.25, 0.5 / 1.5, 0.75 / 1.75, 0.5], "a"),
      overLayers([1, 1 / 1.25, 1 / 1.5, 1 / 1.75, 0.5], "b"),
    ],
  },
  {
    name: "normalized gradients that complete each other",
    yaml: two("[0, 1]", "[1, 0]", "parameters: {normalize: true}\n"),
    vectors: [overLayers([0, 0.25, 0.5, 0.75, 1], "a"), overLayers([1, 0.75, 0.5, 0.25, 0], "b")],
  },
  {
    name: "opposite weights are a chat vector on its own base: target + λ · (chat − base)",
    yaml: `merge_method: task_arithmetic\nbase_model: org/llama-ko\nmodels:\n  - {model: org/llama-chat, parameters: {weight: 0.8}}\n  - {model: org/llama, parameters: {weight: -0.8}}\n`,
    vectors: [everywhere(0.8, "org/llama-chat", "org/llama")],
    recipe: { target: "org/llama-ko" },
  },
  {
    name: "opposite gradients and filters, the one that takes away first",
    yaml: two("[{filter: mlp, value: -1}, {value: [0, -0.5]}]", "[{filter: mlp, value: 1}, {value: [0, 0.5]}]"),
    vectors: [overLayers([0, 0.125, 0.25, 0.375, 0.5], "b", "a", { mlp: Array<number>(5).fill(1) })],
  },
  {
    name: "two chat vectors of one base",
    yaml: `${header}models:\n  - {model: a, parameters: {weight: 0.5}}\n  - {model: b, parameters: {weight: 0.3}}\n  - {model: old, parameters: {weight: -0.8}}\n`,
    vectors: [everywhere(0.5, "a", "old"), everywhere(0.3, "b", "old")],
  },
  {
    name: "two chat vectors of two bases",
    yaml: `${header}models:\n  - {model: a, parameters: {weight: 0.5}}\n  - {model: a0, parameters: {weight: -0.5}}\n  - {model: b, parameters: {weight: 0.25}}\n  - {model: b0, parameters: {weight: -0.25}}\n`,
    vectors: [everywhere(0.5, "a", "a0"), everywhere(0.25, "b", "b0")],
  },
  {
    name: "a model listed twice is added once",
    yaml: `${header}models:\n  - {model: chat, parameters: {weight: 0.5}}\n  - {model: chat, parameters: {weight: 0.9}}\n`,
    vectors: [everywhere(0.5, "chat")],
    notes: ["listed twice"],
  },
  {
    name: "parameters in the wrong place, and keys that mergekit does not know",
    yaml: one("0.5\n      lambda: 3\n      density: 0.4", "name: my merge\nparameters: {weigth: 2}\n"),
    vectors: [everywhere(0.5, "chat")],
    notes: ["does not look for lambda", "density", 'the key "name"', "did you mean weight?"],
  },
  {
    name: "one slice of all layers",
    yaml: `${header}slices:\n${slice(0, 5, "[0, 1]")}`,
    vectors: [overLayers([0, 0.25, 0.5, 0.75, 1], "chat")],
    notes: ["5 layers"],
  },
  {
    name: "parameters of a source go before those of its slice, these before the file's",
    yaml: `${header}slices:\n  - sources:\n      - {model: base, layer_range: [0, 5]}\n      - model: a\n        layer_range: [0, 5]\n        parameters:\n          weight:\n            - {filter: mlp, value: 1}\n      - {model: b, layer_range: [0, 5]}\n    parameters:\n      weight:\n        - {filter: norm, value: 0.25}\nparameters: {weight: 0.5}\n`,
    knowsLayers: true,
    vectors: [
      everywhere(0.5, "a", "base", {
        mlp: Array<number>(5).fill(1),
        layerNorm: Array<number>(5).fill(0.25),
        finalNorm: 0.25,
      }),
      everywhere(0.5, "b", "base", { layerNorm: Array<number>(5).fill(0.25), finalNorm: 0.25 }),
    ],
    notes: [],
  },
  {
    name: "a gradient in each of two slices; embeddings take the first slice's, norm and head the last's",
    yaml: `${header}slices:\n${slice(0, 3, "[0, 1]")}${slice(3, 5, "[0.5, 0]")}`,
    knowsLayers: true,
    vectors: [
      {
        ...overLayers([0, 0.5, 1, 0.5, 0], "chat"),
        embed: 0,
        finalNorm: 0.5,
        head: 0.5,
      },
    ],
    notes: ["embeddings (embed_tokens"],
  },
  {
    name: "a slice of one layer takes a gradient's end",
    yaml: `${header}slices:\n${slice(0, 4, "0.5")}${slice(4, 5, "[0.5, 2]")}`,
    vectors: [
      {
        ...everywhere(0.5, "chat"),
        attention: [0.5, 0.5, 0.5, 0.5, 2],
        mlp: [0.5, 0.5, 0.5, 0.5, 2],
        layerNorm: [0.5, 0.5, 0.5, 0.5, 2],
      },
    ],
  },
  {
    name: "another model in each slice",
    yaml: `${header}parameters: {weight: 1}\nslices:\n  - sources: [{model: base, layer_range: [0, 2]}, {model: a, layer_range: [0, 2]}]\n  - sources: [{model: base, layer_range: [2, 5]}, {model: b, layer_range: [2, 5]}]\n`,
    knowsLayers: true,
    vectors: [
      { ...overLayers([1, 1, 0, 0, 0], "a"), finalNorm: 0, head: 0 },
      { ...overLayers([0, 0, 1, 1, 1], "b"), finalNorm: 1, head: 1 },
    ],
  },
  {
    name: "the default module, and parameters of its own",
    yaml: `${header}parameters: {weight: 9}\nmodules:\n  default:\n    models: [{model: chat}]\n    parameters: {weight: 0.5}\n`,
    vectors: [everywhere(0.5, "chat")],
  },
  {
    name: "dtypes, a tokenizer and a template",
    yaml: one("0.5", "dtype: bfloat16\nout_dtype: torch.float16\ntokenizer: {source: base}\nchat_template: auto\n"),
    vectors: [everywhere(0.5, "chat")],
    recipe: { vocabulary: "by-token", output: { dtype: "F16", tokenizer: "target", chatTemplate: "chat" } },
    notes: ["computes in bfloat16", "padding rows", "most of the models"],
  },
  {
    name: "YAML 1.1: anchors, merged mappings, numbers as text, yes for true",
    yaml: `${header}common: &common {parameters: {weight: "5e-1"}}\nmodels:\n  - <<: *common\n    model: a\n  - {<<: *common, model: b}\nparameters: {normalize: yes}\ndtype: float32\n`,
    vectors: [everywhere(0.5, "a"), everywhere(0.5, "b")],
    recipe: { output: { dtype: "F32" } },
    notes: ['the key "common"'],
  },
];

const invalid: readonly MergekitCase[] = [
  ["no method", "base_model: base\nmodels: [{model: chat}]\n", ":1:1", ["merge_method is missing"]],
  [
    "a misspelt method",
    one("1").replace("task_arithmetic", "task_arithmetics"),
    ":1:15",
    ["task_arithmetics", "Did you mean task_arithmetic?"],
  ],
  ["no base model", one("1").replace("base_model: base\n", ""), ":3:3", ["base_model is missing"]],
  ["no models", header, ":1:1", ["models, slices or modules", "none of them"]],
  ["models and slices", `${one("1")}slices:\n${slice(0, 5, "1")}`, ":1:1", ["models and slices"]],
  ["a model without weight", `${header}models:\n  - model: chat\n`, ":4:12", ["chat has no weight"]],
  ["a weight that is no number", one("high"), ":6:15", ["a number from", '"high"']],
  ["an empty gradient", one("[]"), ":6:15", ["empty list"]],
  ["a single condition without its dash", one("{filter: mlp, value: 1}"), ":6:15", ["Put “- ” in front"]],
  ["a condition without a value", one("[{filter: mlp}]"), ":6:16", ["has no value"]],
  ["numbers and conditions in one list", one("[0.5, {value: 1}]"), ":6:16", ["the number 0.5"]],
  ["a filter that is no text", one("[{filter: 3, value: 1}]"), ":6:25", ["the number 3"]],
  ["a dtype that mergekit lacks", one("1", "dtype: bf16\n"), ":7:8", ["bf16", "bfloat16"]],
  ["two tokenizers", one("1", "tokenizer_source: base\ntokenizer: {source: base}\n"), ":8:12", ["not both"]],
  [
    "a layer range of one number",
    `${header}slices:\n  - sources:\n      - {model: base, layer_range: [5]}\n`,
    ":5:36",
    ["[first, end]"],
  ],
  [
    "slices without the base",
    `${header}slices:\n  - sources:\n      - {model: chat, layer_range: [0, 5], parameters: {weight: 1}}\n`,
    ":4:5",
    ["not among the sources"],
  ],
  [
    "sources of unequal length",
    `${header}slices:\n  - sources: [{model: base, layer_range: [0, 5]}, {model: chat, layer_range: [0, 4], parameters: {weight: 1}}]\n`,
    ":4:59",
    ["different numbers of layers"],
  ],
  ["a key that stands twice", one("1", "dtype: float32\ndtype: float16\n"), ":8:1", ["stands twice", "line 7"]],
].map(([name, yaml, where, says]) => refused("recipe-invalid", name, yaml, where, says));

const inexpressible: readonly MergekitCase[] = [
  ["nothing but the base", `${header}models:\n  - model: base\n`, ":4:3", ["no model but the base"]],
  ["a weight that is not finite", one(".inf"), ":6:15", ["λ", "Infinity"]],
  ["linear", one("1").replace("task_arithmetic", "linear"), ":1:15", ["averages", "sum to 1"]],
  ["ties", one("1").replace("task_arithmetic", "ties"), ":1:15", ["merge_method ties"]],
  ["slerp", one("1").replace("task_arithmetic", "slerp"), ":1:15", ["sphere"]],
  ["passthrough", one("1").replace("task_arithmetic", "passthrough"), ":1:15", ["stacks layers"]],
  ["a union of vocabularies", one("1", "tokenizer_source: union\n"), ":7:19", ["new rows"]],
  ["a tokenizer without a source, which is a union", one("1", "tokenizer: {}\n"), ":7:12", ["new rows"]],
  ["another model's vocabulary", one("1", "tokenizer: {source: chat}\n"), ":7:21", ["another model's vocabulary"]],
  [
    "rows of single tokens",
    one("1", 'tokenizer:\n  source: base\n  tokens: {"<|im_start|>": {source: chat}}\n'),
    ":9:11",
    ["single tokens"],
  ],
  ["padding rows", one("1", "tokenizer: {source: base, pad_to_multiple_of: 64}\n"), ":7:47", ["padding rows"]],
  ["a template by name", one("1", "chat_template: chatml\n"), ":7:16", ["one of its models", "chatml"]],
  ["an adapter", one("1").replace("model: chat", "model: chat+lora"), ":4:12", ["adapter"]],
  ["a revision", one("1").replace("model: chat", "model: org/chat@main"), ":4:12", ["revision"]],
  [
    "modules of a multimodal model",
    `${header}modules:\n  text: {models: [{model: chat, parameters: {weight: 1}}]}\n`,
    ":4:3",
    ["multimodal"],
  ],
  ["layers that are left out", `${header}slices:\n${slice(2, 5, "1")}`, ":5:17", ["layers from 0", "layers from 2"]],
  [
    "layers that are moved",
    `${header}slices:\n  - sources: [{model: base, layer_range: [0, 5]}, {model: chat, layer_range: [1, 6], parameters: {weight: 1}}]\n`,
    ":4:59",
    ["move, repeat"],
  ],
  [
    "slices on different bases",
    `merge_method: task_arithmetic\nslices:\n${slice(0, 2, "1", "    base_model: base\n")}${slice(2, 5, "1", "    base_model: chat\n    parameters: {weight: 1}\n")}`,
    ":10:17",
    ["different base models"],
  ],
  [
    "normalized gradients of unknown layers",
    two("[0, 1]", "1", "parameters: {normalize: true}\n"),
    ":4:3",
    ["how many layers"],
  ],
  [
    "three filters at once",
    one(
      "[{filter: mlp, value: 1}, {value: 2}]",
      "parameters:\n  lambda: [{filter: up, value: 1}, {value: 2}]\n  normalize: [{filter: layers.1, value: 1}, {value: 0}]\n",
    ),
    ":4:3",
    ["cannot tell apart"],
  ],
].map(([name, yaml, where, says]) => refused("recipe-inexpressible", name, yaml, where, says));

const slicesOfOther: MergekitCase = {
  ...refused(
    "recipe-inexpressible",
    "slices of other layers than the model has",
    `${header}slices:\n${slice(0, 4, "1")}`,
    ":4:5",
    ["5 layers"],
  ),
  knowsLayers: true,
};

function refused(code: ErrorCode, name: unknown, yaml: unknown, where: unknown, says: unknown): MergekitCase {
  return {
    name: String(name),
    yaml: String(yaml),
    refusal: { code, where: `merge.yaml${String(where)}`, says: says as readonly string[] },
  };
}

export const mergekitCases: readonly MergekitCase[] = [...valid, ...invalid, ...inexpressible, slicesOfOther];
