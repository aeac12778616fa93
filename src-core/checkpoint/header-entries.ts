import { StudioError } from "../errors.ts";
import {
  maximumDimensionCount,
  maximumHeaderBytes,
  maximumMetadataEntryCount,
  maximumNameLength,
  maximumTensorCount,
} from "../limits.ts";
import { type Dtype, dtypeBits, isDtype } from "./dtype.ts";
import { headerLengthByteLength } from "./header-start.ts";
import { countMembers } from "./json-bytes.ts";
import { JsonScanner } from "./json-scanner.ts";
import { quoteName } from "./quote.ts";
import { tensorByteLength } from "./tensor-size.ts";

export interface HeaderTensor {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** From the start of the file. */
  readonly byteOffset: number;
  readonly byteLength: number;
}

/** `"":{"dtype":"U8","shape":[],"data_offsets":[0,0]}` and a comma: a header with more than a million entries is longer than 50 MB. */
const smallestEntryByteLength = 50;

/** So that a million tensors share a few strings. */
const dtypesByName = new Map(
  Object.keys(dtypeBits)
    .filter(isDtype)
    .map((dtype) => [dtype as string, dtype]),
);

/** Everything that a header's JSON says, entry by entry checked; how the tensors lie beside each other is not looked at. */
export function parseHeaderEntries(
  bytes: Uint8Array,
  name: string,
  dataByteOffset: number,
): { tensors: HeaderTensor[]; metadata: Record<string, string> } {
  // Counted first, so that a header with millions of entries is refused before anything is built from it.
  if (bytes.length > maximumTensorCount * smallestEntryByteLength && countMembers(bytes) > maximumTensorCount + 1) {
    throw tooManyTensors(name);
  }
  const scanner: JsonScanner = new JsonScanner(bytes, {
    name,
    title: "the header",
    byteOffset: headerLengthByteLength,
    codes: { syntax: "header-json", value: "header-entry", limit: "header-limit" },
  });
  const tensors: HeaderTensor[] = [];
  const names = new Set<string>();
  let metadata: Record<string, string> = {};
  scanner.enterObject("an object");
  for (let key = scanner.nextKey(maximumNameLength); key !== null; key = scanner.nextKey(maximumNameLength)) {
    const nameCount = names.size;
    if (names.add(key).size === nameCount) throw duplicate(name, key);
    if (key === "__metadata__") {
      metadata = readMetadata(scanner);
      continue;
    }
    // One more than the count above lets pass, where no entry is __metadata__.
    if (tensors.length === maximumTensorCount) throw tooManyTensors(name);
    scanner.tensor = key;
    tensors.push(readTensor(scanner, name, key, dataByteOffset));
    scanner.tensor = null;
  }
  scanner.expectEnd();
  return { tensors, metadata };
}

function readMetadata(scanner: JsonScanner): Record<string, string> {
  const entries = new Map<string, string>();
  scanner.enterObject("__metadata__: an object of strings");
  for (;;) {
    const key = scanner.nextKey(maximumHeaderBytes);
    if (key === null) break;
    if (entries.has(key)) scanner.failValue("each key of __metadata__ once", `${quoteName(key)} twice`);
    if (entries.size === maximumMetadataEntryCount) {
      scanner.failLimit(`at most ${maximumMetadataEntryCount} entries in __metadata__`);
    }
    entries.set(key, scanner.readString("a string in __metadata__", maximumHeaderBytes));
  }
  // Not by assignment: "__proto__" is a key like any other.
  return Object.fromEntries(entries);
}

function readTensor(scanner: JsonScanner, file: string, name: string, dataByteOffset: number): HeaderTensor {
  let dtype: Dtype | null = null;
  let shape: number[] | null = null;
  let offsets: { begin: number; end: number } | null = null;
  scanner.enterObject("an object with dtype, shape and data_offsets");
  for (let key = scanner.nextKey(maximumNameLength); key !== null; key = scanner.nextKey(maximumNameLength)) {
    if (key === "dtype" && dtype === null) dtype = readDtype(scanner, file, name);
    else if (key === "shape" && shape === null) shape = readShape(scanner);
    else if (key === "data_offsets" && offsets === null) offsets = readOffsets(scanner);
    else if (key === "dtype" || key === "shape" || key === "data_offsets") scanner.failValue(`${key} once`, "twice");
    // Other fields may come with later versions of the format; the stock reader passes over them too.
    else scanner.skipValue();
  }
  if (dtype === null || shape === null || offsets === null) {
    const missing = dtype === null ? "dtype" : shape === null ? "shape" : "data_offsets";
    scanner.failValue("dtype, shape and data_offsets", `no ${missing}`);
  }
  const { begin, end } = offsets;
  if (end < begin) throw badOffsets(file, name, "an end that is not before the begin", `[${begin}, ${end}]`);
  const byteLength = tensorByteLength(dtype, shape);
  if (byteLength !== end - begin) throw badSize(file, name, dtype, shape, end - begin);
  return { name, dtype, shape, byteOffset: dataByteOffset + begin, byteLength };
}

function readDtype(scanner: JsonScanner, file: string, name: string): Dtype {
  const text = scanner.readString("dtype: a string", maximumNameLength);
  const dtype = dtypesByName.get(text);
  if (dtype !== undefined) return dtype;
  throw new StudioError({
    code: "dtype-unknown",
    what: "Unknown dtype",
    where: `${file}, tensor ${quoteName(name)}`,
    expected: `one of ${Object.keys(dtypeBits).join(", ")}`,
    actual: quoteName(text),
  });
}

function readShape(scanner: JsonScanner): number[] {
  const shape: number[] = [];
  scanner.enterArray("shape: a list of integers");
  while (scanner.nextElement()) {
    if (shape.length === maximumDimensionCount) scanner.failLimit(`at most ${maximumDimensionCount} dimensions`);
    shape.push(scanner.readInteger("a dimension"));
  }
  return shape;
}

function readOffsets(scanner: JsonScanner): { begin: number; end: number } {
  const expected = "data_offsets: [begin, end]";
  scanner.enterArray(expected);
  if (!scanner.nextElement()) scanner.failValue(expected, "an empty list");
  const begin = scanner.readInteger("an offset");
  if (!scanner.nextElement()) scanner.failValue(expected, "one number");
  const end = scanner.readInteger("an offset");
  if (scanner.nextElement()) scanner.failValue(expected, "more than two elements");
  return { begin, end };
}

export function badOffsets(file: string, name: string, expected: string, actual: string): StudioError {
  const where = `${file}, tensor ${quoteName(name)}`;
  return new StudioError({
    code: "tensor-offsets",
    what: "A tensor's data_offsets are wrong",
    where,
    expected,
    actual,
  });
}

function badSize(file: string, name: string, dtype: Dtype, shape: readonly number[], actual: number): StudioError {
  const byteLength = tensorByteLength(dtype, shape);
  const of = `${dtype} [${shape.join(", ")}]`;
  return new StudioError({
    code: "tensor-size",
    what: "A tensor's size is not its shape times its dtype",
    where: `${file}, tensor ${quoteName(name)}`,
    expected: byteLength === null ? `a whole number of bytes within 2^53 for ${of}` : `${byteLength} bytes for ${of}`,
    actual: `${actual} bytes`,
  });
}

function duplicate(file: string, name: string): StudioError {
  return new StudioError({
    code: "tensor-duplicate",
    what: "The header names a tensor twice",
    where: `${file}, tensor ${quoteName(name)}`,
    expected: "each name once",
    actual: "twice",
  });
}

function tooManyTensors(where: string): StudioError {
  return new StudioError({
    code: "header-limit",
    what: "The header is beyond a limit",
    where,
    expected: `at most ${maximumTensorCount} tensors`,
    actual: "more",
  });
}
