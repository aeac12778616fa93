import type { ByteSource } from "../checkpoint/byte-source.ts";
import { StudioError } from "../errors.ts";
import { type Backend, type FileRead, ReadFailure } from "./backend.ts";
import type { MergeBatch } from "./batches.ts";
import { type SourceFiles, sourceAt } from "./decoded-source.ts";
import type { BatchRead } from "./input-packer.ts";

/** Whether the backend's threads may read all of these files by themselves. */
export function canReadFiles({ fileRoundBytes }: Backend, sources: SourceFiles): boolean {
  return (
    fileRoundBytes !== undefined && sources.every((files) => files.every(({ descriptor }) => descriptor !== undefined))
  );
}

/** Whether all that a merge reads lies in files as it is computed with, and all that is written is computed. */
export function isOfFiles({ reads, zeros, keptReads }: MergeBatch): boolean {
  const isAsInFile = ({ view, decoded }: BatchRead) => view === undefined && decoded === undefined;
  return zeros.length === 0 && keptReads.length === 0 && reads.every(isAsInFile);
}

/** A batch's reads as a thread that reads by itself is told of them. */
export function fileReadsOf(reads: readonly BatchRead[], sources: SourceFiles): FileRead[] {
  return reads.map((read) => {
    const { descriptor } = sourceAt(sources, read);
    if (descriptor === undefined) throw new RangeError("a file without a descriptor");
    const { byteOffset, byteLength, slotByteOffset } = read;
    return { descriptor, byteOffset, byteLength, inputByteOffset: slotByteOffset };
  });
}

/** What a thread threw, or, where it could not read, the failure that the source has for that: it is read again. */
export async function failureOfThread(
  error: unknown,
  reads: readonly BatchRead[],
  sources: SourceFiles,
): Promise<unknown> {
  const failed = error instanceof ReadFailure ? reads[error.index] : undefined;
  return failed === undefined ? error : await failureOfReading(failed, sourceAt(sources, failed), error);
}

async function failureOfReading(read: BatchRead, source: ByteSource, failure: unknown): Promise<unknown> {
  const { byteOffset, byteLength } = read;
  const destination = new Uint8Array(Math.min(byteLength, 2 ** 20));
  try {
    for (let at = 0; at < byteLength; at += destination.byteLength) {
      const length = Math.min(destination.byteLength, byteLength - at);
      await source.readInto(destination.subarray(0, length), byteOffset + at);
    }
  } catch (error) {
    return error;
  }
  return new StudioError({ code: "read-failed", what: "Reading failed", where: source.name, actual: String(failure) });
}
