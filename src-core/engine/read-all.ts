import type { ByteSource } from "../checkpoint/byte-source.ts";
import { gatherView } from "./gather-view.ts";
import type { BatchRead } from "./input-packer.ts";

/** Fills a slot's memory with what a batch reads. Rejects, once all reads are at rest, with the first that failed. */
export function readAll(
  reads: readonly BatchRead[],
  sources: readonly (readonly ByteSource[])[],
  memory: Uint8Array,
): Promise<void> {
  return allSettledOrThrow(
    reads.map(({ source, file, byteOffset, byteLength, slotByteOffset, view }) => {
      const from = sources[source]?.[file];
      if (from === undefined) throw new RangeError(`no source ${source}, file ${file}`);
      const place = memory.subarray(slotByteOffset, slotByteOffset + byteLength);
      return view === undefined ? from.readInto(place, byteOffset) : gatherView(from, view, place);
    }),
  );
}

/** Like Promise.all, but throws only once all are at rest: memory must not be unmapped or reused while a read fills it. */
export async function allSettledOrThrow(promises: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(promises)) {
    if (result.status === "rejected") throw result.reason;
  }
}
