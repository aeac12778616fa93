import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { parameterCount } from "../checkpoint/checkpoint.ts";
import { openCheckpoint } from "../checkpoint/open-checkpoint.ts";
import { SampleFolder } from "./sample-folder.ts";
import { makeSampleModel, type SampleModel } from "./sample-model.ts";
import { describeSample, type SampleOptions, sampleRoles, sampleSetName, smallSample } from "./sample-options.ts";

const usageError = expect.objectContaining({ failure: expect.objectContaining({ code: "usage" }) });

function hashOf({ files }: SampleModel): string {
  const hash = createHash("sha256");
  for (const file of files) {
    const bytes = new Uint8Array(file.byteLength);
    file.fill(bytes, 0);
    hash.update(`${file.name} ${file.byteLength}\n`).update(bytes);
  }
  return hash.digest("hex");
}

const open = (options: SampleOptions, role: (typeof sampleRoles)[number] = "base") =>
  openCheckpoint(new SampleFolder(makeSampleModel(describeSample(options), role)));

/** A change of these is a change of every published figure about samples: raise the description's version with them. */
const smallSampleHashes = {
  base: "e745f83ea47dd540d3fc00b9643c77fdb47de538fcce66316e4f58225054ac99",
  chat: "cb2128c17aa8a26d36dd6746ed27135c4572975e75d1071dcc73554aa70be123",
  target: "c6a6f602a9fb70005319e72c8abc8baf0c306e33085e881571689672effee4f4",
};

test.each(sampleRoles)("the small sample's %s has the bytes it always had", (role) => {
  expect(hashOf(makeSampleModel(describeSample(smallSample), role))).toBe(smallSampleHashes[role]);
});

test("options decide the bytes and the set's name", () => {
  const names = [smallSample, { ...smallSample, seed: 2 }, { parameters: 2e6 }].map((options) =>
    sampleSetName(describeSample(options)),
  );
  expect(new Set(names).size).toBe(3);
  expect(sampleSetName(describeSample(smallSample))).toBe(names[0]);
});

test.each<[string, Partial<SampleOptions>]>([
  ["a seed that is no 32-bit number", { seed: -1 }],
  ["half a layer", { layers: 0.5 }],
  ["fewer tokens than bytes", { vocabulary: 255 }],
  ["no shard size", { shardBytes: 0 }],
  ["no own tokens", { targetVocabulary: { ownTokens: 0, order: "appended" } }],
  ["too few parameters", { parameters: 10 }],
])("%s is refused", (_, options) => {
  expect(() => describeSample({ ...smallSample, ...options })).toThrow(usageError);
});

describe("a sample model", () => {
  test.each(sampleRoles)("(%s) opens as a checkpoint whose config says what its tensors are", async (role) => {
    const checkpoint = await open(smallSample, role);
    expect(checkpoint.files.map(({ name }) => name)).toEqual(["model.safetensors"]);
    expect(checkpoint.metadata).toEqual({ format: "pt" });
    expect(checkpoint.config).toMatchObject({
      architecture: "LlamaForCausalLM",
      modelType: "llama",
      hiddenSize: 64,
      layerCount: 14,
      vocabularySize: 1024,
      tieWordEmbeddings: false,
      torchDtype: "bfloat16",
    });
    const embedding = checkpoint.tensors.find(({ name }) => name === "model.embed_tokens.weight");
    expect(embedding?.shape).toEqual([1024, 64]);
    expect(Math.abs(parameterCount(checkpoint) / 1e6 - 1)).toBeLessThan(0.02);
  });

  test("is cut into shards with an index", async () => {
    const checkpoint = await open({ ...smallSample, shardBytes: 500_000 });
    expect(checkpoint.files.map(({ name }) => name)).toContain("model-00002-of-00005.safetensors");
    expect(checkpoint.files.every(({ byteLength }) => byteLength < 510_000)).toBe(true);
    const whole = await open(smallSample);
    const names = (tensors: typeof whole.tensors) => tensors.map(({ name }) => name).sort();
    expect(names(checkpoint.tensors)).toEqual(names(whole.tensors));
  });

  test("has the same tensor bytes in shards as in one file", async () => {
    const read = async (options: SampleOptions) => {
      const folder = new SampleFolder(makeSampleModel(describeSample(options), "target"));
      const { files, tensors } = await openCheckpoint(folder);
      const tensor = tensors.find(({ name }) => name === "model.layers.7.mlp.up_proj.weight");
      if (tensor === undefined) throw new Error("no such tensor");
      const bytes = new Uint8Array(tensor.byteLength);
      await (await folder.open(files[tensor.file]?.name ?? "")).readInto(bytes, tensor.byteOffset);
      return bytes;
    };
    expect(await read({ ...smallSample, shardBytes: 300_000 })).toEqual(await read(smallSample));
  });

  test("of 70B parameters is laid out at once, in shards of 5 GB", async () => {
    const start = performance.now();
    const checkpoint = await open({ parameters: 70e9 }, "target");
    expect(performance.now() - start).toBeLessThan(2000);
    expect(checkpoint.files.length).toBe(30);
    expect(Math.abs(parameterCount(checkpoint) / 70e9 - 1)).toBeLessThan(0.02);
  });

  test("may be tied, a mixture of experts, of any dtype, and its target have more tokens", async () => {
    const options: SampleOptions = {
      parameters: 1e6,
      experts: 4,
      tieWordEmbeddings: true,
      dtypes: { chat: "F32", target: "F16" },
      targetVocabulary: { ownTokens: 76, order: "appended" },
    };
    const chat = await open(options, "chat");
    expect(chat.config).toMatchObject({
      architecture: "MixtralForCausalLM",
      tieWordEmbeddings: true,
      torchDtype: "float32",
    });
    expect(chat.tensors.every(({ dtype }) => dtype === "F32")).toBe(true);
    expect(chat.tensors.map(({ name }) => name)).not.toContain("lm_head.weight");
    expect(chat.tensors.map(({ name }) => name)).toContain("model.layers.13.block_sparse_moe.experts.3.w2.weight");
    const target = await open(options, "target");
    expect(target.config).toMatchObject({ vocabularySize: 1100, torchDtype: "float16" });
    expect(target.tensors.find(({ name }) => name === "model.embed_tokens.weight")?.shape[0]).toBe(1100);
  });

  test("gives any range of its files, across header and tensors, and nothing beyond", () => {
    const model = makeSampleModel(describeSample({ parameters: 1e5 }), "chat");
    for (const file of model.files) {
      const whole = new Uint8Array(file.byteLength);
      file.fill(whole, 0);
      const pieces = new Uint8Array(file.byteLength);
      for (let byteOffset = 0; byteOffset < file.byteLength; byteOffset += 997) {
        file.fill(pieces.subarray(byteOffset, byteOffset + 997), byteOffset);
      }
      expect(Buffer.compare(pieces, whole)).toBe(0);
      expect(() => file.fill(new Uint8Array(2), file.byteLength - 1)).toThrow(RangeError);
    }
  });
});
