import { StudioError } from "../errors.ts";
import type { ByteSource } from "./byte-source.ts";
import { badOffsets, type HeaderTensor, parseHeaderEntries } from "./header-entries.ts";
import { copyAgain, headerLengthByteLength, readHeaderBytes } from "./header-start.ts";
import { quoteName } from "./quote.ts";

export interface SafetensorsHeader {
  /** By byte offset; of tensors at one offset, the empty ones first. */
  readonly tensors: readonly HeaderTensor[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Where the tensors' bytes start, from the start of the file. */
  readonly dataByteOffset: number;
}

/**
 * Reads and validates a safetensors file's header; of the tensors' bytes, none. What it returns keeps every rule of the
 * format: each tensor is in the file, whole, and no byte of the data belongs to no tensor or to two.
 * Rejects with a StudioError that names the file and the tensor. Source: the format's description in the safetensors project.
 */
export async function readSafetensorsHeader(source: ByteSource): Promise<SafetensorsHeader> {
  const bytes = await readHeaderBytes(source);
  const dataByteOffset = headerLengthByteLength + bytes.length;
  const { tensors, metadata } = parseHeaderEntries(bytes, source.name, dataByteOffset);
  tensors.sort((a, b) => a.byteOffset - b.byteOffset || a.byteLength - b.byteLength);
  checkCoverage(tensors, dataByteOffset, source);
  return { tensors, metadata, dataByteOffset };
}

/** Tensors, by offset, must cover the data from its first byte to the file's last, each byte once. */
function checkCoverage(
  tensors: readonly HeaderTensor[],
  dataByteOffset: number,
  { name, byteLength }: ByteSource,
): void {
  let covered = dataByteOffset;
  let previous: string | null = null;
  for (const tensor of tensors) {
    if (tensor.byteOffset !== covered) {
      const before = previous === null ? "the data's start" : `the end of ${quoteName(previous)}`;
      const fault = tensor.byteOffset > covered ? "a hole" : "an overlap";
      const expected = `a begin of ${covered - dataByteOffset}, ${before}`;
      throw badOffsets(name, tensor.name, expected, `${tensor.byteOffset - dataByteOffset}: ${fault}`);
    }
    covered += tensor.byteLength;
    if (!Number.isSafeInteger(covered))
      throw badOffsets(name, tensor.name, "offsets that fit a file", "an end beyond 2^53");
    previous = tensor.name;
  }
  if (covered === byteLength) return;
  const isTruncated = byteLength < covered;
  throw new StudioError({
    code: isTruncated ? "file-truncated" : "tensor-offsets",
    what: isTruncated ? "The file is truncated" : "Bytes after the last tensor",
    where: isTruncated ? `${name}, tensor ${quoteName(firstCut(tensors, byteLength))}` : name,
    expected: `${covered} bytes`,
    actual: `${byteLength} bytes`,
    advice: copyAgain,
  });
}

function firstCut(tensors: readonly HeaderTensor[], byteLength: number): string {
  return tensors.find((tensor) => tensor.byteOffset + tensor.byteLength > byteLength)?.name ?? "";
}
