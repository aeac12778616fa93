import { describe, expect, test } from "vitest";
import type { Random } from "../random.ts";
import { expectValidCheckpoint } from "../test-support/expect-checkpoint.ts";
import { type FuzzDocument, fromLatin1, joinBytes, mutateFiles, pick } from "../test-support/fuzz/document.ts";
import { fuzz } from "../test-support/fuzz/fuzz.ts";
import { mutateBytes } from "../test-support/fuzz/mutate-bytes.ts";
import { mutateJson } from "../test-support/fuzz/mutate-json.ts";
import { MemoryFolder } from "../test-support/memory-folder.ts";
import { safetensorsBytes } from "../test-support/safetensors-bytes.ts";
import { parseModelConfig } from "./model-config.ts";
import { openCheckpoint } from "./open-checkpoint.ts";
import { formatShardIndex } from "./shard-index.ts";
import { decodeUtf8, encodeUtf8 } from "./utf8.ts";

const first = "model-00001-of-00002.safetensors";
const second = "model-00002-of-00002.safetensors";
const weightMap = [
  ["embed.weight", first],
  ["norm é", second],
  ["head", second],
] as const;
const config = '{"architectures":["LlamaForCausalLM"],"hidden_size":4,"text_config":{"vocab_size":5},"eps":NaN}';

const sharded: FuzzDocument = {
  "model.safetensors.index.json": encodeUtf8(formatShardIndex(weightMap, 76)),
  [first]: safetensorsBytes([{ name: "embed.weight", dtype: "BF16", shape: [5, 4] }], { format: "pt", 'a"b': "c" }),
  [second]: safetensorsBytes([
    { name: "norm é", dtype: "F32", shape: [8] },
    { name: "head", dtype: "I64", shape: [] },
  ]),
  "config.json": encodeUtf8(config),
};
const single: FuzzDocument = {
  "model.safetensors": safetensorsBytes([
    { name: "a", dtype: "F8_E4M3", shape: [3, 0] },
    { name: "b", dtype: "U8", shape: [2, 3, 1] },
  ]),
};

const punctuation = [...encodeUtf8('{}[]",:\\0123456789-.eEu \n'), 0, 0x7f, 0x80, 0xff];
const anywhere = mutateBytes(punctuation);
const asJson = mutateJson([`"${first}"`, '"C:x"', '"F6_E2M3"', "[3,2]", "[0,40]", "[16,1152921504606846976]"]);

/** Inside the header alone, whose length is then put right, so that the damage lies deeper. */
function inHeader(bytes: Uint8Array, random: Random): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length >= 8 ? Math.min(8 + view.getUint32(0, true), bytes.length) : 0;
  if (end === 0) return anywhere(bytes, random);
  const header = pick(random, [anywhere, asJson, asJson])(bytes.subarray(8, end), random);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setUint32(0, header.length, true);
  return joinBytes(length, header, bytes.subarray(end));
}

const mutatorsOf = (name: string) =>
  name.endsWith(".json") ? [anywhere, asJson, asJson, asJson] : [anywhere, inHeader, inHeader, inHeader];

describe("files with damage", () => {
  test("either are a valid checkpoint or are refused with an error for people, at once and in little memory", async () => {
    const outcomes = await fuzz({
      name: "safetensors",
      originals: [sharded, sharded, single],
      mutate: (document, random) => mutateFiles(document, random, mutatorsOf),
      read: async (document) => {
        expectValidCheckpoint(await openCheckpoint(new MemoryFolder(document)));
        return "valid";
      },
    });
    // That the damage reaches what can go wrong, and is sometimes harmless.
    const everyday = ["valid", "header-json", "header-entry", "header-truncated", "header-limit", "tensor-size"];
    everyday.push(
      "tensor-offsets",
      "file-truncated",
      "dtype-unknown",
      "index-invalid",
      "shard-missing",
      "shard-outside",
    );
    everyday.push("shard-tensor-missing", "tensor-duplicate", "config-invalid", "not-safetensors");
    for (const code of everyday) expect(outcomes.get(code) ?? 0, code).toBeGreaterThan(3);
  });

  test("either are a config or are refused as none", async () => {
    const large = JSON.stringify({
      thinker_config: { text_config: { n_embd: 4, n_layer: 2, vocab_size: 7 } },
      torch_dtype: "torch.bfloat16",
      rope_scaling: { factor: 8, type: "linear" },
      tie_word_embeddings: false,
    });
    const outcomes = await fuzz({
      name: "model-config",
      originals: [config, large].map((text) => ({ "config.json": encodeUtf8(text) })),
      mutate: (document, random) => mutateFiles(document, random, () => [anywhere, asJson, asJson]),
      read: (document) => {
        const read = parseModelConfig(decodeUtf8(document["config.json"] ?? fromLatin1("")) ?? "", "config.json");
        for (const size of [read.hiddenSize, read.layerCount, read.vocabularySize]) {
          if (size !== null) expect(Number.isSafeInteger(size) && size > 0).toBe(true);
        }
        return "valid";
      },
    });
    for (const outcome of ["valid", "config-invalid"]) expect(outcomes.get(outcome) ?? 0).toBeGreaterThan(10);
  });
});
