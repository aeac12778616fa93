import type { ByteSource } from "../byte-source.ts";
import { localHeaderByteLength, parseZipName, type ZipEntry } from "./zip-directory.ts";
import { zipInvalid } from "./zip-invalid.ts";

const headerSignature = 0x04034b50;
const large = 0xffffffff;
/** Sizes stand behind the data, and are 0 here. */
const descriptorFlag = 0b1000;

/**
 * Where a member's bytes start, from the start of the file: behind its local header, which must say what the directory says.
 * All of them lie before the next member. Rejects with a StudioError. Source: PKWARE, APPNOTE.TXT 4.3.7.
 */
export async function locateZipMember(source: ByteSource, entry: ZipEntry): Promise<number> {
  const bytes = new Uint8Array(localHeaderByteLength + entry.nameByteLength);
  await source.readInto(bytes, entry.headerByteOffset);
  const view = new DataView(bytes.buffer);
  const sizes = [view.getUint32(18, true), view.getUint32(22, true)];
  const mayBeZero = (entry.flags & descriptorFlag) !== 0;
  const agrees =
    view.getUint32(0, true) === headerSignature &&
    view.getUint16(6, true) === entry.flags &&
    view.getUint16(8, true) === 0 &&
    view.getUint16(26, true) === entry.nameByteLength &&
    parseZipName(bytes.subarray(localHeaderByteLength), source.name) === entry.name &&
    sizes.every((size) => size === entry.byteLength || size === large || (size === 0 && mayBeZero));
  if (!agrees) throw zipInvalid(source.name, "a member's header as the directory says", "another", entry.name);
  const byteOffset = entry.headerByteOffset + bytes.length + view.getUint16(28, true);
  if (byteOffset + entry.byteLength <= entry.byteEnd) return byteOffset;
  const actual = `${entry.byteLength} bytes at byte ${byteOffset}`;
  throw zipInvalid(source.name, `a member that ends before byte ${entry.byteEnd}`, actual, entry.name);
}
