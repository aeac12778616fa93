import type { ByteSource } from "../checkpoint/byte-source.ts";
import { littleEndian, utf8 } from "./pickle-bytes.ts";

/** A member of a zip archive that is written by hand; whatever is given in place of the truth is written so. */
export interface ZipMember {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** So many zeros behind `bytes` that are nowhere in memory; only in a `sparseZip`. */
  readonly hole?: number;
  readonly method?: number;
  readonly flags?: number;
  readonly storedLength?: number;
  readonly length?: number;
  readonly headerByteOffset?: number;
  readonly localName?: string;
  readonly localLength?: number;
  /** Its data starts at a multiple of this, by an extra field of the local header as PyTorch writes it. */
  readonly alignment?: number;
  /** With sizes and place as 64-bit numbers. */
  readonly zip64?: boolean;
}

export interface ZipEndFields {
  readonly entryCount?: number;
  readonly directoryLength?: number;
  readonly directoryByteOffset?: number;
  /** With a zip64 end, as PyTorch writes it always. */
  readonly zip64?: boolean;
  readonly comment?: string;
}

const large = 0xffffffff;

/** An archive of stored members in the order given. */
export function zipBytes(members: readonly ZipMember[], end: ZipEndFields = {}): Uint8Array {
  return concat(zipPieces(members, end).map(({ bytes }) => bytes));
}

/** An archive that may be far larger than memory. */
export function sparseZip(members: readonly ZipMember[], end: ZipEndFields = {}, name = "m.bin"): ByteSource {
  const pieces = zipPieces(members, end);
  const last = pieces.at(-1);
  const byteLength = last === undefined ? 0 : last.byteOffset + last.bytes.length;
  return {
    name,
    byteLength,
    async readInto(destination, byteOffset) {
      if (byteOffset + destination.length > byteLength) throw new RangeError("read past the end");
      destination.fill(0);
      for (const piece of pieces) {
        const start = Math.max(byteOffset, piece.byteOffset);
        const end = Math.min(byteOffset + destination.length, piece.byteOffset + piece.bytes.length);
        if (start >= end) continue;
        destination.set(piece.bytes.subarray(start - piece.byteOffset, end - piece.byteOffset), start - byteOffset);
      }
    },
  };
}

function zipPieces(members: readonly ZipMember[], end: ZipEndFields): { bytes: Uint8Array; byteOffset: number }[] {
  const pieces: { bytes: Uint8Array; byteOffset: number }[] = [];
  const directory: number[][] = [];
  let byteOffset = 0;
  const add = (bytes: Uint8Array, hole = 0) => {
    pieces.push({ bytes, byteOffset });
    byteOffset += bytes.length + hole;
  };
  for (const member of members) {
    directory.push(directoryEntry(member, byteOffset));
    add(localHeader(member, byteOffset));
    add(member.bytes, member.hole);
    if (((member.flags ?? 0) & 8) !== 0) add(descriptor(member));
  }
  const entries = Uint8Array.from(directory.flat());
  const directoryByteOffset = byteOffset;
  add(entries);
  add(endRecords(directoryByteOffset, entries.length, members.length, end));
  return pieces;
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function localHeader({ name, bytes, ...fields }: ZipMember, byteOffset: number): Uint8Array {
  const flags = fields.flags ?? 0;
  const length = fields.localLength ?? ((flags & 8) !== 0 ? 0 : bytes.length);
  const nameBytes = utf8(fields.localName ?? name);
  const start = byteOffset + 30 + nameBytes.length + 4;
  const alignment = fields.alignment ?? 1;
  const padding = (alignment - (start % alignment)) % alignment;
  const extra = fields.alignment === undefined ? [] : [0x46, 0x42, ...littleEndian(padding, 2), ...filled(padding)];
  return Uint8Array.from(
    [
      [0x50, 0x4b, 3, 4],
      littleEndian(0, 2),
      littleEndian(flags, 2),
      littleEndian(fields.method ?? 0, 2),
      filled(8, 0),
      littleEndian(length, 4),
      littleEndian(length, 4),
      littleEndian(nameBytes.length, 2),
      littleEndian(extra.length, 2),
      nameBytes,
      extra,
    ].flat(),
  );
}

/** As PyTorch writes it: signature, check sum, sizes. */
function descriptor({ bytes }: ZipMember): Uint8Array {
  return Uint8Array.from([
    0x50,
    0x4b,
    7,
    8,
    ...filled(4, 0),
    ...littleEndian(bytes.length, 4),
    ...littleEndian(bytes.length, 4),
  ]);
}

function directoryEntry({ name, bytes, ...fields }: ZipMember, byteOffset: number): number[] {
  const length = fields.length ?? bytes.length + (fields.hole ?? 0);
  const stored = fields.storedLength ?? length;
  const place = fields.headerByteOffset ?? byteOffset;
  const nameBytes = utf8(name);
  const wide = [length, stored, place];
  const extra = fields.zip64 ? [1, 0, 24, 0, ...wide.flatMap((value) => littleEndian(value, 8))] : [];
  return [
    [0x50, 0x4b, 1, 2],
    littleEndian(0, 4),
    littleEndian(fields.flags ?? 0, 2),
    littleEndian(fields.method ?? 0, 2),
    filled(8, 0),
    littleEndian(fields.zip64 ? large : stored, 4),
    littleEndian(fields.zip64 ? large : length, 4),
    littleEndian(nameBytes.length, 2),
    littleEndian(extra.length, 2),
    filled(10, 0),
    littleEndian(fields.zip64 ? large : place, 4),
    nameBytes,
    extra,
  ].flat();
}

function endRecords(byteOffset: number, byteLength: number, count: number, end: ZipEndFields): Uint8Array {
  const entryCount = end.entryCount ?? count;
  const length = end.directoryLength ?? byteLength;
  const place = end.directoryByteOffset ?? byteOffset;
  const comment = utf8(end.comment ?? "");
  const wide = [
    [0x50, 0x4b, 6, 6],
    littleEndian(44, 8),
    filled(12, 0),
    littleEndian(entryCount, 8),
    littleEndian(entryCount, 8),
    littleEndian(length, 8),
    littleEndian(place, 8),
    [0x50, 0x4b, 6, 7],
    filled(4, 0),
    littleEndian(byteOffset + byteLength, 8),
    littleEndian(1, 4),
  ].flat();
  return Uint8Array.from(
    [
      end.zip64 ? wide : [],
      [0x50, 0x4b, 5, 6],
      filled(4, 0),
      littleEndian(end.zip64 ? Math.min(entryCount, 0xffff) : entryCount, 2),
      littleEndian(end.zip64 ? Math.min(entryCount, 0xffff) : entryCount, 2),
      littleEndian(Math.min(length, large), 4),
      littleEndian(Math.min(place, large), 4),
      littleEndian(comment.length, 2),
      comment,
    ].flat(),
  );
}

function filled(count: number, value = 0x5a): number[] {
  return new Array<number>(count).fill(value);
}
