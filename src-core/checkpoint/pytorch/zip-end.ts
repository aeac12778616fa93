import { StudioError } from "../../errors.ts";
import type { ByteSource } from "../byte-source.ts";
import { zipInvalid } from "./zip-invalid.ts";

const endSignature = 0x06054b50;
const endByteLength = 22;
const locatorSignature = 0x07064b50;
const locatorByteLength = 20;
const end64Signature = 0x06064b50;
const end64ByteLength = 56;
/** Stand for "see the 64-bit record". */
const largeUint16 = 0xffff;
const largeUint32 = 0xffffffff;

/** Where a zip archive's directory lies. */
export interface ZipEnd {
  readonly entryCount: number;
  readonly byteOffset: number;
  readonly byteLength: number;
}

/**
 * Reads a zip archive's end records, plain or zip64. The directory that they name ends where they start, and the file ends with
 * them: what different readers could take differently (a comment, a second end) is refused. Rejects with a StudioError.
 * Source: PKWARE, APPNOTE.TXT 4.3.14 to 4.3.16.
 */
export async function readZipEnd(source: ByteSource): Promise<ZipEnd> {
  const tailLength = Math.min(source.byteLength, endByteLength + locatorByteLength);
  const view = await readView(source, source.byteLength - tailLength, tailLength);
  const end = tailLength - endByteLength;
  if (end < 0 || view.getUint32(end, true) !== endSignature || view.getUint16(end + 20, true) !== 0) {
    throw noEnd(source.name);
  }
  const plain = {
    entryCount: view.getUint16(end + 10, true),
    byteLength: view.getUint32(end + 12, true),
    byteOffset: view.getUint32(end + 16, true),
  };
  const isOneDisk = view.getUint32(end + 4, true) === 0 && view.getUint16(end + 8, true) === plain.entryCount;
  if (!isOneDisk) throw zipInvalid(source.name, "an archive in one part", "one of several");
  const hasLocator = end === locatorByteLength && view.getUint32(0, true) === locatorSignature;
  const endByteOffset = source.byteLength - endByteLength;
  if (!hasLocator) return checkPlace(plain, endByteOffset, source.name);
  const end64ByteOffset = readUint64(view, 8);
  if (end64ByteOffset + end64ByteLength !== endByteOffset - locatorByteLength) {
    const expected = `the zip64 end at byte ${endByteOffset - locatorByteLength - end64ByteLength}`;
    throw zipInvalid(source.name, expected, `byte ${end64ByteOffset}`);
  }
  return checkPlace(await readEnd64(source, end64ByteOffset, plain), end64ByteOffset, source.name);
}

async function readEnd64(source: ByteSource, byteOffset: number, plain: ZipEnd): Promise<ZipEnd> {
  const view = await readView(source, byteOffset, end64ByteLength);
  const large = {
    entryCount: readUint64(view, 32),
    byteLength: readUint64(view, 40),
    byteOffset: readUint64(view, 48),
  };
  const isWhole =
    view.getUint32(0, true) === end64Signature &&
    readUint64(view, 4) === end64ByteLength - 12 &&
    readUint64(view, 16) === 0 &&
    readUint64(view, 24) === large.entryCount;
  const agrees =
    (plain.entryCount === largeUint16 || plain.entryCount === large.entryCount) &&
    (plain.byteLength === largeUint32 || plain.byteLength === large.byteLength) &&
    (plain.byteOffset === largeUint32 || plain.byteOffset === large.byteOffset);
  if (isWhole && agrees) return large;
  throw zipInvalid(source.name, "end records that agree", "a zip64 end that says something else");
}

function checkPlace(end: ZipEnd, endByteOffset: number, name: string): ZipEnd {
  if (end.byteOffset + end.byteLength === endByteOffset) return end;
  const actual = `one of ${end.byteLength} bytes at byte ${end.byteOffset}`;
  throw zipInvalid(name, `a directory that ends at byte ${endByteOffset}`, actual);
}

async function readView(source: ByteSource, byteOffset: number, byteLength: number): Promise<DataView> {
  const bytes = new Uint8Array(byteLength);
  await source.readInto(bytes, byteOffset);
  return new DataView(bytes.buffer);
}

/** Rounded beyond 2^53, which is more than any file has. */
export function readUint64(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
}

function noEnd(where: string): StudioError {
  return new StudioError({
    code: "file-truncated",
    what: "The file does not end as a zip archive does",
    where,
    expected: "a zip archive's directory at its end",
    actual: "other bytes",
    advice: "It was cut, or something was added: download or copy the file again",
  });
}
