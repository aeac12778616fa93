import { StudioError } from "../errors.ts";
import { maximumHeaderBytes } from "../limits.ts";
import type { ByteSink } from "./byte-source.ts";
import type { Dtype } from "./dtype.ts";
import { headerLengthByteLength } from "./header-start.ts";
import { quoteName } from "./quote.ts";
import { tensorByteLength } from "./tensor-size.ts";
import { asciiJsonString, encodeAscii, hasLoneSurrogate } from "./utf8.ts";

/** A tensor to be written. */
export interface LayoutTensor {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly byteLength: number;
}

/** A safetensors file whose every byte has its place, before any is written. */
export interface SafetensorsLayout {
  /** The header's JSON in ASCII, padded with spaces so that the data starts at a multiple of 8. */
  readonly headerJson: string;
  /** Where the data starts, from the start of the file. */
  readonly dataByteOffset: number;
  /** For each tensor, from the start of the file. */
  readonly byteOffsets: readonly number[];
  /** Of the whole file. */
  readonly byteLength: number;
}

/**
 * Lays tensors out in the order given, without holes. Throws a StudioError `output-invalid` when the header would be longer
 * than readers accept, and a RangeError for tensors that no file can hold (a name twice, a size that is not the shape's).
 */
export function layoutSafetensors(
  tensors: readonly LayoutTensor[],
  metadata: Readonly<Record<string, string>>,
): SafetensorsLayout {
  checkTensors(tensors);
  const members: string[] = [];
  if (Object.keys(metadata).length > 0) members.push(`"__metadata__":${metadataJson(metadata)}`);
  const dataOffsets: number[] = [];
  let end = 0;
  for (const { name, dtype, shape, byteLength } of tensors) {
    const begin = end;
    end += byteLength;
    dataOffsets.push(begin);
    // Put together by hand: an object would move names that look like array indices to its front.
    const entry = `{"dtype":"${dtype}","shape":[${shape.join(",")}],"data_offsets":[${begin},${end}]}`;
    members.push(`${asciiJsonString(name)}:${entry}`);
  }
  const json = `{${members.join(",")}}`;
  const headerJson = json.padEnd(Math.ceil(json.length / 8) * 8, " ");
  checkHeaderLength(headerJson.length, tensors.length);
  const dataByteOffset = headerLengthByteLength + headerJson.length;
  return {
    headerJson,
    dataByteOffset,
    byteOffsets: dataOffsets.map((offset) => dataByteOffset + offset),
    byteLength: dataByteOffset + end,
  };
}

/** The bytes in front of the data: the header's length and its JSON. */
export function encodeSafetensorsHeader(headerJson: string): Uint8Array {
  const bytes = new Uint8Array(headerLengthByteLength + headerJson.length);
  new DataView(bytes.buffer).setUint32(0, headerJson.length, true);
  bytes.set(encodeAscii(headerJson), headerLengthByteLength);
  return bytes;
}

/** Writes what stands in front of the data. */
export function writeSafetensorsHeader(sink: ByteSink, headerJson: string): Promise<void> {
  return sink.write(encodeSafetensorsHeader(headerJson), 0);
}

function metadataJson(metadata: Readonly<Record<string, string>>): string {
  const members = Object.entries(metadata).map(([key, value]) => `${asciiJsonString(key)}:${asciiJsonString(value)}`);
  return `{${members.join(",")}}`;
}

function checkTensors(tensors: readonly LayoutTensor[]): void {
  const names = new Set(["__metadata__"]);
  for (const { name, dtype, shape, byteLength } of tensors) {
    if (names.has(name)) throw new RangeError(`the name ${quoteName(name)} is taken`);
    if (hasLoneSurrogate(name)) throw new RangeError(`the name ${quoteName(name)} is no Unicode text`);
    if (tensorByteLength(dtype, shape) !== byteLength) {
      throw new RangeError(`${quoteName(name)}: ${byteLength} bytes are not ${dtype} [${shape.join(", ")}]`);
    }
    names.add(name);
  }
}

function checkHeaderLength(byteLength: number, tensorCount: number): void {
  if (byteLength <= maximumHeaderBytes) return;
  throw new StudioError({
    code: "output-invalid",
    what: `The header of a file with ${tensorCount} tensors would be longer than readers accept`,
    expected: `at most ${maximumHeaderBytes} bytes`,
    actual: `${byteLength} bytes`,
    advice: "Choose a smaller shard size",
  });
}
