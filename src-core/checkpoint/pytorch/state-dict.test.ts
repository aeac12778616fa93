import { describe, expect, it } from "vitest";
import { rejectionOf } from "../../test-support/failure-of.ts";
import { MemoryFolder, MemorySource } from "../../test-support/memory-folder.ts";
import {
  call,
  dict,
  global,
  int,
  list,
  op,
  ordered,
  type PickleBytes,
  text,
  textDict,
  tuple,
} from "../../test-support/pickle-bytes.ts";
import { countingBytes, storage, tensor, torchZip } from "../../test-support/torch-bytes.ts";
import { openCheckpoint } from "../open-checkpoint.ts";
import { readWeightsHeader } from "../weights-header.ts";

const w = tensor({ key: "0", storage: "HalfStorage", count: 6, shape: [2, 3], strides: [3, 1] });
const scalar = tensor({ key: "0", storage: "HalfStorage", count: 6, shape: [], strides: [] });
const file = (value: PickleBytes) => torchZip(value, { 0: countingBytes(12) });
const names = async (value: PickleBytes) => {
  const { tensors } = await readWeightsHeader(new MemorySource(file(value), "m.bin"), "m.bin");
  return tensors.map(({ name }) => name);
};
const refusal = (value: PickleBytes) => rejectionOf(() => names(value));
const model = textDict({ "a.weight": w, "b.weight": w });

describe("a state dict", () => {
  it("is the file's dict, ordered or not, with module versions or not", async () => {
    expect(await names(model)).toEqual(["a.weight", "b.weight"]);
    const versions = textDict({ _metadata: textDict({ "": textDict({ version: int(1) }) }, ordered()) });
    const withMetadata = [...textDict({ "a.weight": w }, ordered()), ...versions, ...op("BUILD")];
    expect(await names(withMetadata)).toEqual(["a.weight"]);
    const pairs = list(tuple(text("a"), w), list(text("b"), w));
    expect(await names(call(global("collections", "OrderedDict"), pairs))).toEqual(["a", "b"]);
  });

  it.each(["state_dict", "model_state_dict", "model", "module"])("is found under %s", async (key) => {
    const training = textDict({
      epoch: int(3),
      [key]: model,
      best: scalar,
      optimizer: textDict({ state: dict([[int(0), textDict({ exp_avg: w, step: scalar })]]) }),
      settings: list(text("--lr"), text("1e-4")),
    });
    expect(await names(training)).toEqual(["a.weight", "b.weight"]);
  });

  it("is found in a dict in a dict", async () => {
    expect(await names(textDict({ model: textDict({ state_dict: model, version: int(2) }) }))).toHaveLength(2);
  });

  it("may hold tensors called as wrappers are", async () => {
    expect(await names(textDict({ model: w, module: w, state_dict: textDict({}) }))).toEqual(["model", "module"]);
  });

  it("may hold an entry twice by reference", async () => {
    const twice = list([...textDict({ a: list(int(1)) }), ...op("BINPUT", 1)], op("BINGET", 1));
    expect(await names(textDict({ x: twice, w }))).toEqual(["w"]);
  });
});

describe("a file is refused, saying what it holds,", () => {
  it.each<[string, PickleBytes, string]>([
    ["when it holds no dict", list(w), "a list"],
    ["when it holds a tensor alone", w, "a tensor"],
    ["when it holds nothing", op("NONE"), "None"],
    ["when its dict is empty", textDict({}), "a dict of 0 without tensors"],
    ["when its dict holds no tensor", textDict({ a: int(1) }), "a dict of 1 without tensors"],
    [
      "when its tensors lie under names of no use",
      textDict({ generator: model, critic: list(w) }),
      '"generator", "critic"',
    ],
    ["when a storage is all there is", textDict({ a: storage({ key: "0", storage: "HalfStorage", count: 6 }) }), '"a"'],
  ])("%s", async (_, value, actual) => {
    const failure = await refusal(value);
    expect(failure).toMatchObject({ code: "state-dict-missing", where: "m.bin" });
    expect(failure.actual).toContain(actual);
    expect(failure.advice).toContain("model.state_dict()");
  });

  it.each<[string, PickleBytes, string]>([
    [
      "when two dicts could be meant",
      textDict({ model, module: model }),
      'a dict under "model", a dict under "module"',
    ],
    ["when tensors lie beside the dict", textDict({ model, "lm_head.weight": w }), '"lm_head.weight"'],
    ["when there are tensors deeper inside", textDict({ "a.weight": w, extra: textDict({ b: w }) }), '"extra"'],
    ["when a tensor's name is no text", dict([[int(7), w]]), "the number 7"],
    ["when a name is kept for safetensors' own use", textDict({ __metadata__: w }), '"__metadata__"'],
  ])("%s", async (_, value, actual) => {
    const failure = await refusal(value);
    expect(failure).toMatchObject({ code: "state-dict-ambiguous", where: "m.bin" });
    expect(failure.actual).toContain(actual);
  });

  it("naming the dict in the dict", async () => {
    const failure = await refusal(textDict({ model: textDict({ state_dict: textDict({ x: model, y: w }) }) }));
    expect(failure.where).toBe('m.bin, "state_dict" in "model"');
  });

  it("when it is nested without end, or holds itself", async () => {
    let nested = model;
    for (let i = 0; i < 8; i++) nested = textDict({ state_dict: nested });
    expect((await refusal(nested)).code).toBe("pickle-limit");
    const itself = [...op("EMPTY_DICT"), ...op("BINPUT", 0), ...text("model"), ...op("BINGET", 0), ...op("SETITEM")];
    const withTensor = [...itself, ...text("state_dict"), ...model, ...op("SETITEM")];
    expect((await refusal(withTensor)).code).toBe("state-dict-ambiguous");
    const endless = [...itself, ...text("x"), ...list(w), ...op("SETITEM")];
    expect((await refusal(endless)).code).toBe("pickle-limit");
  });

  it("when plain data holds itself, or the same over and over", async () => {
    const itself = [...list(), ...op("BINPUT", 1), ...op("BINGET", 1), ...op("APPEND")];
    // 60 lists that each hold the one before twice.
    let laughs: PickleBytes = [...list(), ...op("BINPUT", 1)];
    for (let i = 2; i < 62; i++) laughs = [...list(laughs, op("BINGET", i - 1)), ...op("BINPUT", i)];
    for (const value of [itself, laughs]) {
      expect(await refusal(textDict({ x: value, w }))).toMatchObject({ code: "pickle-limit", where: "m.bin" });
    }
  });

  it("when a name is longer than any, or comes twice", async () => {
    expect(await refusal(textDict({ ["x".repeat(1025)]: w }))).toMatchObject({ code: "pickle-limit", actual: "1025" });
    expect(await refusal(textDict({ ["x".repeat(5000)]: w }))).toMatchObject({ code: "state-dict-ambiguous" });
    expect(await names(textDict({ ["é".repeat(1024)]: w }))).toHaveLength(1);
    const twice = dict([
      [text("a"), w],
      [text("a"), w],
    ]);
    expect(await refusal(twice)).toMatchObject({ code: "tensor-duplicate" });
    expect((await refusal(twice)).where).toContain('m.bin, "a"');
    const pairs = list(tuple(text("a"), w), tuple(text("a"), w));
    expect((await refusal(call(global("collections", "OrderedDict"), pairs))).code).toBe("tensor-duplicate");
  });
});

describe("names of a model that was wrapped when it was saved", () => {
  const opened = async (...keys: string[]) => {
    const entries = Object.fromEntries(keys.map((key) => [key, w]));
    const checkpoint = await openCheckpoint(new MemoryFolder({ "model.pt": file(textDict(entries)) }));
    return checkpoint.tensors.map(({ name }) => name);
  };

  it("lose the prefix that all of them have", async () => {
    expect(await opened("module.a", "module.b")).toEqual(["a", "b"]);
    expect(await opened("_orig_mod.module.a", "_orig_mod.module.b.c")).toEqual(["a", "b.c"]);
  });

  it("keep one that only some have, or that is all there is", async () => {
    expect(await opened("module.a", "b")).toEqual(["module.a", "b"]);
    expect(await opened("module.", "module.a")).toEqual(["module.", "module.a"]);
    expect(await opened("modules.a", "modules.b")).toEqual(["modules.a", "modules.b"]);
  });
});
