import type { BatchRead } from "./input-packer.ts";

/** One read of a file for several that lie near each other in it. */
export interface JoinedRead {
  readonly source: number;
  readonly file: number;
  readonly byteOffset: number;
  readonly byteLength: number;
  /** What of it is wanted, by place in the file. */
  readonly parts: readonly BatchRead[];
  /** The parts lie in memory as they lie in the file, with nothing between: they can be read in place. */
  readonly isInPlace: boolean;
}

/** A read costs about as much as reading on for so long: 5–10 µs against 5 GB/s from memory, and more than both from a disk. */
const maximumGapBytes = 64 * 1024;
/** Of a read that is not in place and needs memory of its own. */
export const maximumJoinedBytes = 1024 * 1024;

/** Joins reads that lie near each other. Those of views, and what is decoded, stay by themselves, with one part. */
export function joinReads(reads: readonly BatchRead[]): JoinedRead[] {
  if (reads.length === 1) return reads.map(alone);
  const joined: JoinedRead[] = [];
  const plain: BatchRead[] = [];
  for (const read of reads) {
    if (read.view === undefined && read.decoded === undefined) plain.push(read);
    else joined.push(alone(read));
  }
  plain.sort((a, b) => a.source - b.source || a.file - b.file || a.byteOffset - b.byteOffset);
  let group: Group | null = null;
  for (const read of plain) {
    if (group === null || !group.add(read)) {
      if (group !== null) joined.push(group.finish());
      group = new Group(read);
    }
  }
  if (group !== null) joined.push(group.finish());
  return joined;
}

function alone(read: BatchRead): JoinedRead {
  const { source, file, byteOffset, byteLength } = read;
  return { source, file, byteOffset, byteLength, parts: [read], isInPlace: true };
}

class Group {
  readonly #parts: BatchRead[];
  #end: number;
  #isInPlace = true;

  constructor(first: BatchRead) {
    this.#parts = [first];
    this.#end = first.byteOffset + first.byteLength;
  }

  /** False where the read is of another file, too far away, or would make too much of it. */
  add(read: BatchRead): boolean {
    const [first] = this.#parts;
    const last = this.#parts.at(-1);
    if (first === undefined || last === undefined) return false;
    if (read.source !== first.source || read.file !== first.file) return false;
    const follows =
      read.byteOffset === last.byteOffset + last.byteLength &&
      read.slotByteOffset === last.slotByteOffset + last.byteLength;
    const end = Math.max(this.#end, read.byteOffset + read.byteLength);
    if (!(this.#isInPlace && follows)) {
      if (read.byteOffset - this.#end > maximumGapBytes || end - first.byteOffset > maximumJoinedBytes) return false;
      this.#isInPlace = false;
    }
    this.#parts.push(read);
    this.#end = end;
    return true;
  }

  finish(): JoinedRead {
    const [first] = this.#parts;
    if (first === undefined) throw new RangeError("a group without reads");
    const { source, file, byteOffset } = first;
    const byteLength = this.#end - byteOffset;
    return { source, file, byteOffset, byteLength, parts: this.#parts, isInPlace: this.#isInPlace };
  }
}
