import { describe, expect, it, test } from "vitest";
import { shortNames, splitLead, splitName, splitPath, splitTensorName, tellingParts } from "./names.ts";

it("keeps a tensor's own name in one piece", () => {
  expect(splitTensorName("model.layers.17.mlp.down_proj.weight")).toEqual({
    head: "model.layers.17.mlp.",
    tail: "down_proj.weight",
  });
  expect(splitTensorName("norm.weight")).toEqual({ head: "", tail: "norm.weight" });
  expect(splitTensorName("scale")).toEqual({ head: "", tail: "scale" });
});

it("keeps a path's last name in one piece", () => {
  expect(splitPath("/data/models/llama-2-ko")).toEqual({ head: "/data/models/", tail: "llama-2-ko" });
  expect(splitPath("/data/models/")).toEqual({ head: "/data/", tail: "models/" });
  expect(splitPath("C:\\models\\llama")).toEqual({ head: "C:\\models\\", tail: "llama" });
  expect(splitPath("llama")).toEqual({ head: "", tail: "llama" });
});

it("keeps the end of a long name or path, which tells it from its kin", () => {
  const long = "Llama-2-7b-ko-continually-pretrained-2024-06-rev3-final-chat";
  expect(splitName(long)).toEqual({ head: long.slice(0, -14), tail: "rev3-final-chat".slice(1) });
  expect(splitPath(`/data/${long}`)).toEqual({ head: `/data/${long.slice(0, -26)}`, tail: long.slice(-26) });
  expect(splitName("llama-2-ko")).toEqual({ head: "llama-2-ko", tail: "" });
});

it("shortens names to what they do not share, by whole words", () => {
  expect(shortNames(["llama-2-chat", "llama-2-math"])).toEqual(["chat", "math"]);
  expect(shortNames(["chat", "code"])).toEqual(["chat", "code"]);
  expect(shortNames(["llama-2-", "llama-2-math"])).toEqual(["llama-2-", "llama-2-math"]);
  expect(shortNames(["llama-chat"])).toEqual(["llama-chat"]);
});

it("finds what a problem's message begins with", () => {
  expect(splitLead("Vocabularies differ: a is 1")).toEqual({ lead: "Vocabularies differ", rest: "a is 1" });
  expect(splitLead("The hidden size of chat is 5120")).toEqual({ lead: "", rest: "The hidden size of chat is 5120" });
});

describe("what tells names apart", () => {
  test.each([
    [
      ["m.layers.0.up.weight", "m.layers.11.up.weight"],
      ["layers.0", "layers.11"],
    ],
    [
      ["l.3.experts.0.w1.weight", "l.3.experts.1.w1.weight"],
      ["experts.0", "experts.1"],
    ],
    [
      ["q_proj.weight", "q_proj.bias"],
      ["weight", "bias"],
    ],
    [["alone.weight"], ["weight"]],
    [
      ["a.b", "a.b"],
      ["b", "b"],
    ],
  ])("%j", (names, parts) => expect(tellingParts(names)).toEqual(parts));
});
