import type { ByteSource } from "../checkpoint/byte-source.ts";
import { type JoinedRead, joinReads, maximumJoinedBytes } from "./coalesce-reads.ts";
import { sourceAt } from "./decoded-source.ts";
import { gatherView } from "./gather-view.ts";
import type { BatchRead } from "./input-packer.ts";
import { ScratchPool } from "./scratch-pool.ts";

/** Node reads with four threads: more than twice as many at a time keep nobody busier. */
const scratch = new ScratchPool(8, maximumJoinedBytes);

/**
 * Fills a slot's memory with what a batch reads; reads that lie near each other become one. Rejects, once all reads are at
 * rest, with the first that failed.
 */
export function readAll(
  reads: readonly BatchRead[],
  sources: readonly (readonly ByteSource[])[],
  memory: Uint8Array,
): Promise<void> {
  return allSettledOrThrow(
    joinReads(reads).map((read) => readJoined(read, sourceAt(sources, read.parts[0]?.decoded ?? read), memory)),
  );
}

async function readJoined(read: JoinedRead, from: ByteSource, memory: Uint8Array): Promise<void> {
  const { byteOffset, byteLength, parts, isInPlace } = read;
  const [first] = parts;
  if (first === undefined) return;
  const placeOf = (part: { slotByteOffset: number }, length: number) =>
    memory.subarray(part.slotByteOffset, part.slotByteOffset + length);
  if (first.view !== undefined) return gatherView(from, first.view, placeOf(first, first.byteLength));
  if (isInPlace) return from.readInto(placeOf(first, byteLength), byteOffset);
  await scratch.with(async (borrowed) => {
    await from.readInto(borrowed.subarray(0, byteLength), byteOffset);
    for (const part of parts) {
      const start = part.byteOffset - byteOffset;
      memory.set(borrowed.subarray(start, start + part.byteLength), part.slotByteOffset);
    }
  });
}

/** Like Promise.all, but throws only once all are at rest: memory must not be unmapped or reused while a read fills it. */
export async function allSettledOrThrow(promises: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(promises)) {
    if (result.status === "rejected") throw result.reason;
  }
}
