import { StudioError } from "../../errors.ts";
import { maximumNameLength, maximumZipDirectoryBytes, maximumZipEntryCount } from "../../limits.ts";
import type { ByteSource } from "../byte-source.ts";
import { asciiText } from "../json-bytes.ts";
import { decodeUtf8 } from "../utf8.ts";
import { readUint64, readZipEnd, type ZipEnd } from "./zip-end.ts";
import { zipInvalid } from "./zip-invalid.ts";

const entrySignature = 0x02014b50;
const entryByteLength = 46;
/** Of the header in front of each member, without its name and extra fields. */
export const localHeaderByteLength = 30;
const large = 0xffffffff;
const zip64Field = 1;
/** Levels of compression, a data descriptor behind the data, names in UTF-8. Anything else changes what the bytes mean. */
const allowedFlags = 0b1000_0000_1110;

/** A member of an archive. */
export interface ZipEntry {
  readonly name: string;
  readonly nameByteLength: number;
  /** Of the local header, in front of the member's bytes. */
  readonly headerByteOffset: number;
  /** In the file; of a compressed member not what it is once it is inflated. */
  readonly byteLength: number;
  readonly isCompressed: boolean;
  readonly flags: number;
  /** Where the next member starts, or the directory. */
  byteEnd: number;
}

/**
 * Reads and checks a zip archive's directory; of its members, nothing. Every member has a plain name that no other has, and
 * shares no byte with another. Rejects with a StudioError. Source: PKWARE, APPNOTE.TXT 4.3.12.
 */
export async function readZipDirectory(source: ByteSource): Promise<ReadonlyMap<string, ZipEntry>> {
  const end = await readZipEnd(source);
  if (end.entryCount > maximumZipEntryCount || end.byteLength > maximumZipDirectoryBytes) {
    throw new StudioError({
      code: "header-limit",
      what: "The zip archive's directory is beyond a limit",
      where: source.name,
      expected: `at most ${maximumZipEntryCount} entries in ${maximumZipDirectoryBytes} bytes`,
      actual: `${end.entryCount} in ${end.byteLength}`,
    });
  }
  const bytes = new Uint8Array(end.byteLength);
  await source.readInto(bytes, end.byteOffset);
  const entries = parseEntries(bytes, end, source.name);
  checkOverlaps([...entries.values()], end.byteOffset, source.name);
  return entries;
}

function parseEntries(bytes: Uint8Array, { entryCount }: ZipEnd, file: string): Map<string, ZipEntry> {
  const view = new DataView(bytes.buffer);
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (let index = 0; index < entryCount; index++) {
    if (at + entryByteLength > bytes.length || view.getUint32(at, true) !== entrySignature) {
      throw zipInvalid(file, `${entryCount} entries in the directory`, `${index}`);
    }
    const nameEnd = at + entryByteLength + view.getUint16(at + 28, true);
    const extraEnd = nameEnd + view.getUint16(at + 30, true);
    const next = extraEnd + view.getUint16(at + 32, true);
    if (next > bytes.length) throw zipInvalid(file, "an entry within the directory", "one that is cut");
    const name = parseZipName(bytes.subarray(at + entryByteLength, nameEnd), file);
    if (entries.has(name)) throw zipInvalid(file, "each name once", "twice", name);
    entries.set(name, entryOf(view, at, nameEnd, extraEnd, name, file));
    at = next;
  }
  if (at !== bytes.length) throw zipInvalid(file, "a directory of entries alone", `${bytes.length - at} bytes more`);
  return entries;
}

/** Names are looked up and never used as paths; a name that tries to be one has no good reason. */
export function parseZipName(bytes: Uint8Array, file: string): string {
  if (bytes.length > maximumNameLength) {
    throw zipInvalid(file, `names of at most ${maximumNameLength} bytes`, `${bytes.length}`);
  }
  const isAscii = bytes.every((byte) => byte < 0x80);
  const name = isAscii ? asciiText(bytes, 0, bytes.length) : decodeUtf8(bytes);
  if (name === null) throw zipInvalid(file, "names in UTF-8", "other bytes");
  const isPlain =
    name !== "" &&
    !/[\\\0]/.test(name) &&
    !name.split("/").some((part, index) => {
      return part === ".." || part === "." || (part === "" && index === 0);
    });
  if (!isPlain) throw zipInvalid(file, "names of places inside the archive", "another", name);
  return name;
}

function entryOf(
  view: DataView,
  at: number,
  extraStart: number,
  extraEnd: number,
  name: string,
  file: string,
): ZipEntry {
  const nameByteLength = view.getUint16(at + 28, true);
  const flags = view.getUint16(at + 8, true);
  if ((flags & ~allowedFlags) !== 0) throw zipInvalid(file, "a member that is not encrypted", `flags ${flags}`, name);
  const isCompressed = view.getUint16(at + 10, true) !== 0;
  const wide = readZip64Field(view, extraStart, extraEnd);
  const plain = [view.getUint32(at + 24, true), view.getUint32(at + 20, true), view.getUint32(at + 42, true)];
  const [byteLength, storedByteLength, headerByteOffset] = plain.map((value) => {
    const actual = value === large ? wide.shift() : value;
    if (actual === undefined) throw zipInvalid(file, "a 64-bit size or place", "none", name);
    return actual;
  }) as [number, number, number];
  if (byteLength !== storedByteLength && !isCompressed) {
    throw zipInvalid(file, `${byteLength} bytes, as stored members have`, `${storedByteLength}`, name);
  }
  if (view.getUint16(at + 34, true) !== 0) throw zipInvalid(file, "an archive in one part", "one of several", name);
  return {
    name,
    nameByteLength,
    headerByteOffset,
    byteLength: storedByteLength,
    isCompressed,
    flags,
    byteEnd: headerByteOffset,
  };
}

/** The 64-bit values of an entry, for those of its fields that are all ones, in their order: size, stored size, place. */
function readZip64Field(view: DataView, start: number, end: number): number[] {
  for (let at = start; at + 4 <= end; ) {
    const length = view.getUint16(at + 2, true);
    const fieldEnd = at + 4 + length;
    if (view.getUint16(at, true) === zip64Field && fieldEnd <= end) {
      return Array.from({ length: Math.min(3, Math.floor(length / 8)) }, (_, i) => readUint64(view, at + 4 + i * 8));
    }
    at = fieldEnd;
  }
  return [];
}

/** Sets where each member must have ended: at the next one's header, or the directory. */
function checkOverlaps(entries: readonly ZipEntry[], directoryByteOffset: number, file: string): void {
  const sorted = [...entries].sort((a, b) => a.headerByteOffset - b.headerByteOffset);
  for (const [index, entry] of sorted.entries()) {
    entry.byteEnd = sorted[index + 1]?.headerByteOffset ?? directoryByteOffset;
    if (entry.headerByteOffset + localHeaderByteLength + entry.nameByteLength + entry.byteLength <= entry.byteEnd)
      continue;
    const actual = `${entry.byteLength} bytes at byte ${entry.headerByteOffset}`;
    throw zipInvalid(file, `a member that ends before byte ${entry.byteEnd}`, actual, entry.name);
  }
}
