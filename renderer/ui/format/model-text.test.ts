import { expect, it } from "vitest";
import { checkpoint } from "../store/testing/fake-studio.ts";
import { formatArchitecture, formatDtypes, modelFacts } from "./model-text.ts";

it("calls an architecture as people do", () => {
  expect(formatArchitecture("LlamaForCausalLM")).toBe("Llama");
  expect(formatArchitecture("GPT2LMHeadModel")).toBe("GPT2");
  expect(formatArchitecture("BertModel")).toBe("Bert");
  expect(formatArchitecture("llama")).toBe("llama");
  expect(formatArchitecture("Model")).toBe("Model");
});

it("names up to three dtypes and counts the rest", () => {
  expect(formatDtypes(["BF16"])).toBe("bf16");
  expect(formatDtypes(["BF16", "F32"])).toBe("bf16 + f32");
  expect(formatDtypes(["BF16", "F32", "I64", "U8"])).toBe("bf16 + f32 + 2 more");
});

it("lists what a model says of itself", () => {
  expect(modelFacts(checkpoint("a"))).toEqual([
    ["Llama", "1.00\u2009K", "bf16", "2.00\u2009kB"],
    ["100 tokens", "2 layers"],
  ]);
});

it("leaves out what it does not say", () => {
  const bare = { ...checkpoint("a"), architecture: null, vocabularySize: null, layerCount: null };
  expect(modelFacts(bare)).toEqual([["1.00\u2009K", "bf16", "2.00\u2009kB"], ["3 tensors"]]);
});
