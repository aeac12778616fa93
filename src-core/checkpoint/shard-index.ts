import { StudioError } from "../errors.ts";
import { maximumIndexBytes, maximumNameLength, maximumShardCount, maximumTensorCount } from "../limits.ts";
import { JsonScanner } from "./json-scanner.ts";
import { quoteName } from "./quote.ts";
import { asciiJsonString } from "./utf8.ts";

/** What model.safetensors.index.json says. */
export interface ShardIndex {
  /** metadata.total_size; null where it is missing or no size. Tools disagree on it (some write a fraction), so nothing relies on it. */
  readonly totalByteLength: number | null;
  /** Each tensor's file, in the index's order. */
  readonly fileOfTensor: ReadonlyMap<string, string>;
  /** The files' names, each once, sorted; all of them directly in the index's folder. */
  readonly files: readonly string[];
}

/**
 * Parses an index. Rejects file names that lead anywhere but into the index's own folder (`shard-outside`).
 * `where` names the index in messages. Throws a StudioError.
 */
export function parseShardIndex(borrowedBytes: Uint8Array, where: string): ShardIndex {
  const scanner: JsonScanner = new JsonScanner(borrowedBytes, {
    name: where,
    title: "the index",
    byteOffset: 0,
    codes: { syntax: "index-invalid", value: "index-invalid", limit: "index-invalid" },
  });
  let totalByteLength: number | null = null;
  let fileOfTensor: Map<string, string> | null = null;
  scanner.enterObject("an object with weight_map");
  for (let key = scanner.nextKey(maximumIndexBytes); key !== null; key = scanner.nextKey(maximumIndexBytes)) {
    if (key === "weight_map") {
      if (fileOfTensor !== null) scanner.failValue("weight_map once", "twice");
      fileOfTensor = readWeightMap(scanner, where);
    } else if (key === "metadata" && scanner.nextIsObject()) totalByteLength = readTotalSize(scanner);
    else scanner.skipValue();
  }
  scanner.expectEnd();
  if (fileOfTensor === null) scanner.failValue("weight_map: an object of tensor and file names", "no weight_map");
  if (fileOfTensor.size === 0) scanner.failValue("at least one tensor in weight_map", "none");
  return { totalByteLength, fileOfTensor, files: [...new Set(fileOfTensor.values())].sort() };
}

/**
 * Text of an index as the Hugging Face tools write it (two spaces, a final newline), weight_map in the order given.
 * `totalByteLength` is the size of all tensors, without headers.
 */
export function formatShardIndex(
  weightMap: readonly (readonly [tensor: string, file: string])[],
  totalByteLength: number,
): string {
  const members = weightMap.map(([tensor, file]) => `    ${asciiJsonString(tensor)}: ${asciiJsonString(file)}`);
  return `{\n  "metadata": {\n    "total_size": ${totalByteLength}\n  },\n  "weight_map": {\n${members.join(",\n")}\n  }\n}\n`;
}

function readTotalSize(scanner: JsonScanner): number | null {
  let total: number | null = null;
  scanner.enterObject("metadata: an object");
  for (let key = scanner.nextKey(maximumIndexBytes); key !== null; key = scanner.nextKey(maximumIndexBytes)) {
    if (key === "total_size") total = scanner.readNumberOrSkip();
    else scanner.skipValue();
  }
  return total !== null && Number.isSafeInteger(total) && total >= 0 ? total : null;
}

function readWeightMap(scanner: JsonScanner, where: string): Map<string, string> {
  const fileOfTensor = new Map<string, string>();
  /** One string for each file: a tensor's entry points to it. */
  const files = new Map<string, string>();
  scanner.enterObject("weight_map: an object of tensor and file names");
  for (let tensor = scanner.nextKey(maximumNameLength); tensor !== null; tensor = scanner.nextKey(maximumNameLength)) {
    if (fileOfTensor.has(tensor)) throw listedTwice(where, tensor);
    if (fileOfTensor.size === maximumTensorCount) scanner.failLimit(`at most ${maximumTensorCount} tensors`);
    scanner.tensor = tensor;
    const text = scanner.readString("a file name", maximumNameLength);
    let file = files.get(text);
    if (file === undefined) {
      checkFileName(text, tensor, where);
      if (files.size === maximumShardCount) scanner.failLimit(`at most ${maximumShardCount} files`);
      files.set(text, text);
      file = text;
    }
    fileOfTensor.set(tensor, file);
    scanner.tensor = null;
  }
  return fileOfTensor;
}

/**
 * A shard lies beside its index, under a plain name: no folder, no drive or stream (`C:x`, `x:y`), no parent. Backslashes are
 * refused everywhere, so that a model means the same on every system.
 */
function checkFileName(file: string, tensor: string, where: string): void {
  const isPlain = file !== "" && file !== "." && file !== ".." && !/[/\\:\0]/.test(file);
  if (isPlain) return;
  throw new StudioError({
    code: "shard-outside",
    what: "The index names a file that is not directly in the model's folder",
    where: `${where}, tensor ${quoteName(tensor)}`,
    expected: "the name of a file beside the index",
    actual: quoteName(file),
  });
}

function listedTwice(where: string, tensor: string): StudioError {
  return new StudioError({
    code: "tensor-duplicate",
    what: "The index names a tensor twice",
    where: `${where}, tensor ${quoteName(tensor)}`,
    expected: "each name once",
    actual: "twice",
  });
}
