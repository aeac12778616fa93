import {
  maximumChatTokenCount,
  maximumCurveLength,
  maximumRuleCount,
  maximumScale,
  maximumVectorCount,
} from "../limits.ts";
import { chatTemplateChoices, mismatchDecisions, tokenizerChoices, vocabularyPolicies } from "./recipe.ts";

const scaleText = `a number from ${-maximumScale} to ${maximumScale}`.replace("-", "−");
const curveText = `1 to ${maximumCurveLength} numbers, evenly spaced over the layers: [0.2, 1, 0.5]`;
const modelText = "a folder, a file, or an id in the local Hugging Face cache, as text";

/** What each key of a recipe takes, in words; also the list of the keys that there are. */
export const expectations: Readonly<Record<string, string>> = {
  "": "a mapping with target and vectors",
  version: "1",
  target: modelText,
  vectors: `a list of 1 to ${maximumVectorCount} vectors, each with chat and base`,
  "vectors.*": "a mapping with chat and base",
  "vectors.*.name": "text",
  "vectors.*.chat": modelText,
  "vectors.*.base": modelText,
  "vectors.*.scale": scaleText,
  "vectors.*.curve": curveText,
  "vectors.*.curve.*": scaleText,
  "vectors.*.outside": scaleText,
  "vectors.*.rules": `a list of at most ${maximumRuleCount} rules: {tensors: "*norm.weight", scale: 0}`,
  "vectors.*.rules.*": 'a rule: {tensors: "*norm.weight", scale: 0}',
  "vectors.*.rules.*.tensors": 'names of tensors, with * for any characters, as text: "*norm.weight"',
  "vectors.*.rules.*.scale": scaleText,
  "vectors.*.rules.*.curve": curveText,
  "vectors.*.rules.*.curve.*": scaleText,
  "vectors.*.rules.*.outside": scaleText,
  vocabulary: vocabularyPolicies.join(", "),
  onMismatch: mismatchDecisions.join(", "),
  output: "a mapping with dtype, shardSize, tokenizer, chatTemplate, chatTokens",
  "output.dtype": "same, F32 (float32), F16 (float16), BF16 (bfloat16)",
  "output.shardSize": "a size in bytes: 5GB, 500MB, 4GiB",
  "output.tokenizer": tokenizerChoices.join(", "),
  "output.chatTemplate": chatTemplateChoices.join(", "),
  "output.chatTokens": `a list of at most ${maximumChatTokenCount} tokens of the chat model`,
  "output.chatTokens.*": 'a token of the chat model, "<|im_end|>", or {token: "<|im_end|>", replaces: "<unused0>"}',
};

/** What other tools call our keys. */
export const synonyms: ReadonlyMap<string, string> = new Map([
  ["λ", "scale"],
  ["lambda", "scale"],
  ["weight", "scale"],
  ["alpha", "scale"],
  ["value", "scale"],
  ["gradient", "curve"],
  ["filter", "tensors"],
  ["model", "chat"],
  ["instruct", "chat"],
  ["base_model", "target"],
  ["models", "vectors"],
  ["out_dtype", "dtype"],
  ["shardbytes", "shardSize"],
  ["shard_size", "shardSize"],
  ["max_shard_size", "shardSize"],
  ["template", "chatTemplate"],
  ["chat_template", "chatTemplate"],
]);
