import { elementCount } from "../checkpoint/checkpoint.ts";
import { bytesPerElement } from "../checkpoint/dtype.ts";
import { encodeSafetensorsHeader, layoutSafetensors } from "../checkpoint/safetensors-writer.ts";
import { formatShardIndex } from "../checkpoint/shard-index.ts";
import { encodeAscii } from "../checkpoint/utf8.ts";
import { assignShards, shardName } from "../plan/output-layout.ts";
import { configJson } from "./sample-config.ts";
import { type SampleDescription, type SampleRole, vocabularySizeOf } from "./sample-options.ts";
import { type SampleTensor, sampleTensors } from "./sample-tensors.ts";
import { generationConfigJson, specialTokensMapJson, tokenizerConfigJson, tokenizerJson } from "./sample-tokenizer.ts";
import { baseTokens, targetTokens } from "./sample-vocabulary.ts";
import { SampleWeights } from "./sample-weights.ts";

/** One model of a triple: every file, none of whose weights exist before they are asked for. */
export interface SampleModel {
  readonly role: SampleRole;
  readonly files: readonly SampleFile[];
  readonly byteLength: number;
}

/** A file whose bytes are made on demand, from any offset and in any order. */
export interface SampleFile {
  readonly name: string;
  readonly byteLength: number;
  /** Fills the whole of `destination` from `byteOffset`; throws a RangeError beyond the file's end. */
  fill(destination: Uint8Array, byteOffset: number): void;
}

/** The files of one model. Takes less than 0.1 s for any number of parameters: only texts and tables are made now. */
export function makeSampleModel(description: SampleDescription, role: SampleRole): SampleModel {
  const tokens = role === "target" ? targetTokens(description) : baseTokens(description.architecture.vocabulary);
  const files = [
    textFile("config.json", configJson(description, role)),
    textFile("generation_config.json", generationConfigJson(role)),
    textFile("special_tokens_map.json", specialTokensMapJson()),
    textFile("tokenizer.json", tokenizerJson(tokens)),
    textFile("tokenizer_config.json", tokenizerConfigJson(role)),
    ...weightFiles(description, role),
  ];
  return { role, files, byteLength: files.reduce((sum, file) => sum + file.byteLength, 0) };
}

function weightFiles(description: SampleDescription, role: SampleRole): SampleFile[] {
  const weights = new SampleWeights(description, role);
  const dtype = description.dtypes[role];
  const tensors = sampleTensors(description.architecture, vocabularySizeOf(description, role)).map((tensor) => {
    return { ...tensor, dtype, byteLength: elementCount(tensor.shape) * bytesPerElement(dtype) };
  });
  const shards = assignShards(tensors, description.shardBytes);
  const weightMap: [tensor: string, file: string][] = [];
  const files: SampleFile[] = shards.map((shard, index) => {
    const name = shardName(index, shards.length);
    const inShard = shard.flatMap((position) => tensors[position] ?? []);
    for (const tensor of inShard) weightMap.push([tensor.name, name]);
    const layout = layoutSafetensors(inShard, { format: "pt" });
    return new WeightFile(name, layout, inShard, weights);
  });
  if (files.length === 1) return files;
  const totalSize = tensors.reduce((sum, { byteLength }) => sum + byteLength, 0);
  return [...files, textFile("model.safetensors.index.json", formatShardIndex(weightMap, totalSize))];
}

function textFile(name: string, text: string): SampleFile {
  const bytes = encodeAscii(text);
  return {
    name,
    byteLength: bytes.byteLength,
    fill(destination, byteOffset) {
      requireInside(name, bytes.byteLength, destination, byteOffset);
      destination.set(bytes.subarray(byteOffset, byteOffset + destination.byteLength));
    },
  };
}

class WeightFile implements SampleFile {
  readonly name: string;
  readonly byteLength: number;
  readonly #header: Uint8Array;
  readonly #tensors: readonly SampleTensor[];
  /** Where each tensor starts; the file's end last. */
  readonly #byteOffsets: readonly number[];
  readonly #weights: SampleWeights;

  constructor(
    name: string,
    layout: ReturnType<typeof layoutSafetensors>,
    tensors: readonly SampleTensor[],
    weights: SampleWeights,
  ) {
    this.name = name;
    this.byteLength = layout.byteLength;
    this.#header = encodeSafetensorsHeader(layout.headerJson);
    this.#tensors = tensors;
    this.#byteOffsets = [...layout.byteOffsets, layout.byteLength];
    this.#weights = weights;
  }

  fill(destination: Uint8Array, byteOffset: number): void {
    requireInside(this.name, this.byteLength, destination, byteOffset);
    const end = byteOffset + destination.byteLength;
    destination.set(this.#header.subarray(Math.min(byteOffset, this.#header.byteLength), end));
    for (let index = this.#tensorAt(byteOffset); index < this.#tensors.length; index++) {
      const start = this.#byteOffsets[index] as number;
      if (start >= end) return;
      const from = Math.max(start, byteOffset);
      const to = Math.min(this.#byteOffsets[index + 1] as number, end);
      const part = destination.subarray(from - byteOffset, to - byteOffset);
      this.#weights.fill(this.#tensors[index] as SampleTensor, from - start, part);
    }
  }

  /** The last tensor that starts at or before an offset; the first one for an offset in the header. */
  #tensorAt(byteOffset: number): number {
    let low = 0;
    let high = this.#tensors.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((this.#byteOffsets[middle] as number) <= byteOffset) low = middle;
      else high = middle;
    }
    return low;
  }
}

function requireInside(name: string, byteLength: number, { byteLength: wanted }: Uint8Array, byteOffset: number): void {
  if (byteOffset >= 0 && byteOffset + wanted <= byteLength) return;
  throw new RangeError(`${name} has ${byteLength} bytes, not ${wanted} from ${byteOffset}`);
}
