import { addRange, type FileRange } from "./file-ranges.ts";
import type { RangeSet } from "./range-set.ts";

/**
 * The record of what an export has written, kept beside its files: an append-only list of fixed-size records, so that a crash
 * can only cut its end. Each record is 32 bytes, little-endian:
 *
 *     u32 kind (1 written, 2 synced) · u32 file · f64 byteOffset · f64 byteLength · u32 newNonFinite · u32 checksum of the 28 before
 *
 * "written" means handed to the operating system: it survives the program, not a power cut. "synced" says that everything
 * recorded in the journal's first `byteLength` bytes is on the disk for good; what was recorded while that was awaited is not.
 */
const recordBytes = 32;
const kindWritten = 1;
const kindSynced = 2;

export interface WrittenRange {
  /** Index of the output file. */
  readonly file: number;
  readonly byteOffset: number;
  readonly byteLength: number;
  /** Outputs in it that became NaN or infinite though the target's element was finite. */
  readonly newNonFinite: number;
}

/** What a journal says is done. */
export interface JournalContent {
  /** By file: trusted while the operating system has not been restarted since. */
  readonly written: ReadonlyMap<number, RangeSet>;
  /** By file: on the disk for good. */
  readonly synced: ReadonlyMap<number, RangeSet>;
  /** Those with new non-finite values, for the report at the end; a range written twice is there twice. */
  readonly nonFinite: readonly WrittenRange[];
  /** Bytes of whole records; anything behind is a record cut by a crash. */
  readonly byteLength: number;
}

export function encodeWritten(ranges: readonly WrittenRange[]): Uint8Array {
  const bytes = new Uint8Array(ranges.length * recordBytes);
  for (const [index, range] of ranges.entries()) encodeRecord(bytes, index * recordBytes, kindWritten, range);
  return bytes;
}

/** `journalBytes`: how long the journal was before what it lists was put on the disk. */
export function encodeSynced(journalBytes: number): Uint8Array {
  const bytes = new Uint8Array(recordBytes);
  encodeRecord(bytes, 0, kindSynced, { file: 0, byteOffset: 0, byteLength: journalBytes, newNonFinite: 0 });
  return bytes;
}

/** Reads a journal up to the first record that is cut or damaged: what stands behind it is not trusted. */
export function decodeJournal(bytes: Uint8Array): JournalContent {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const written = new Map<number, RangeSet>();
  const synced = new Map<number, RangeSet>();
  /** In the journal's order, each with the place of its record. */
  const unsynced: { readonly at: number; readonly range: WrittenRange }[] = [];
  const nonFinite: WrittenRange[] = [];
  let at = 0;
  for (; at + recordBytes <= bytes.byteLength; at += recordBytes) {
    const record = decodeRecord(bytes, view, at);
    if (record === null) break;
    if (record.kind === kindSynced) {
      const later = unsynced.findIndex((entry) => entry.at >= record.byteLength);
      for (const { range } of unsynced.splice(0, later < 0 ? unsynced.length : later))
        addRange(synced, fileRange(range));
    } else {
      addRange(written, fileRange(record));
      unsynced.push({ at, range: record });
      if (record.newNonFinite > 0) nonFinite.push(record);
    }
  }
  return { written, synced, nonFinite, byteLength: at };
}

function encodeRecord(
  bytes: Uint8Array,
  at: number,
  kind: number,
  { file, byteOffset, byteLength, newNonFinite }: WrittenRange,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, recordBytes);
  view.setUint32(0, kind, true);
  view.setUint32(4, file, true);
  view.setFloat64(8, byteOffset, true);
  view.setFloat64(16, byteLength, true);
  view.setUint32(24, Math.min(newNonFinite, 0xffff_ffff), true);
  view.setUint32(28, checksum(bytes.subarray(at, at + 28)), true);
}

function decodeRecord(bytes: Uint8Array, view: DataView, at: number): (WrittenRange & { kind: number }) | null {
  if (view.getUint32(at + 28, true) !== checksum(bytes.subarray(at, at + 28))) return null;
  const kind = view.getUint32(at, true);
  const file = view.getUint32(at + 4, true);
  const byteOffset = view.getFloat64(at + 8, true);
  const byteLength = view.getFloat64(at + 16, true);
  const newNonFinite = view.getUint32(at + 24, true);
  const isRange =
    Number.isSafeInteger(byteOffset) && byteOffset >= 0 && Number.isSafeInteger(byteLength) && byteLength >= 0;
  return (kind === kindWritten || kind === kindSynced) && isRange
    ? { kind, file, byteOffset, byteLength, newNonFinite }
    : null;
}

function fileRange({ file, byteOffset, byteLength }: WrittenRange): FileRange {
  return { file, start: byteOffset, end: byteOffset + byteLength };
}

/** FNV-1a, 32 bits: enough to tell a torn record, which holds zeros or old bytes, from a whole one. */
function checksum(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
