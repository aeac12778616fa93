import { StudioError } from "../../errors.ts";
import { maximumPickleBytes } from "../../limits.ts";
import type { ByteSource } from "../byte-source.ts";
import { copyAgain } from "../header-start.ts";
import { quoteName } from "../quote.ts";
import { PickleCursor } from "./pickle-cursor.ts";
import { describeKind, PickleDict, PickleList, type PickleValue, type StorageReference } from "./pickle-values.ts";
import { readPickle } from "./read-pickle.ts";
import { bytesPerStorageElement, parseStorageId } from "./storage-reference.ts";
import type { TorchContents } from "./torch-contents.ts";
import { notLittleEndian } from "./torch-zip.ts";

const formatVersion = 1001;
/** In front of each storage: how many elements it has. */
const countByteLength = 8;

/**
 * Reads what torch.save wrote before 1.6: pickles of a magic number, the format's version, the machine, the value, and the
 * storages' keys; then each storage's element count and bytes, in the keys' order. Rejects with a StudioError.
 * Source: PyTorch, `_legacy_save` in torch/serialization.py and torch/csrc/serialization.cpp.
 */
export async function readTorchLegacy(source: ByteSource): Promise<TorchContents> {
  const byteEnd = Math.min(source.byteLength, maximumPickleBytes);
  const cursor = new PickleCursor(source, 0, byteEnd, byteEnd < source.byteLength ? "limit" : "nothing");
  const use = { instructionCount: 0, valueBytes: 0 };
  // The magic number: more than a double holds, and seen already by whoever found this format.
  await readPickle(cursor, null, use);
  const version = await readPickle(cursor, null, use);
  if (version !== formatVersion) throw cursor.malformed(`version ${formatVersion}`, describeKind(version));
  checkMachine(await readPickle(cursor, null, use), cursor, source.name);
  const storages = new Map<string, StorageReference>();
  const persistentLoad = (id: PickleValue) => {
    const storage = parseStorageId(id, "legacy");
    // The first reference to a storage says what it is; PyTorch reads it so.
    if (!storages.has(storage.key)) storages.set(storage.key, storage);
    return storage;
  };
  const value = await readPickle(cursor, persistentLoad, use);
  const keys = keysOf(await readPickle(cursor, null, use), cursor);
  const places = await walkStorages(source, keys, storages, cursor.byteOffset);
  return { value, locate: async (wanted) => placesOf(wanted, places, storages, source.name) };
}

function checkMachine(machine: PickleValue, cursor: PickleCursor, where: string): void {
  if (!(machine instanceof PickleDict)) throw cursor.malformed("a dict about the machine", describeKind(machine));
  const isLittleEndian = machine.get("little_endian");
  if (isLittleEndian === false) throw notLittleEndian(where, "big");
  if (isLittleEndian !== true) throw cursor.malformed("little_endian: a boolean", describeKind(isLittleEndian));
}

function keysOf(list: PickleValue, cursor: PickleCursor): readonly string[] {
  if (!(list instanceof PickleList)) throw cursor.malformed("a list of the storages' keys", describeKind(list));
  const keys = new Set<string>();
  for (const key of list.items) {
    if (typeof key !== "string") throw cursor.malformed("a storage's key", describeKind(key));
    if (keys.has(key)) throw cursor.malformed("each storage once", `${quoteName(key)} twice`);
    keys.add(key);
  }
  return [...keys];
}

/** Where each storage's bytes start. They must fill the rest of the file. */
async function walkStorages(
  source: ByteSource,
  keys: readonly string[],
  storages: ReadonlyMap<string, StorageReference>,
  start: number,
): Promise<ReadonlyMap<string, number>> {
  const places = new Map<string, number>();
  const count = new DataView(new ArrayBuffer(countByteLength));
  let byteOffset = start;
  for (const key of keys) {
    const storage = storages.get(key);
    const where = `${source.name}, storage ${quoteName(key)}`;
    if (storage === undefined) throw badStorage(where, "a storage that a tensor names", "one that none does");
    const byteEnd = byteOffset + countByteLength + storage.elementCount * bytesPerStorageElement(storage);
    if (byteEnd > source.byteLength) throw truncated(where, byteEnd, source.byteLength);
    await source.readInto(new Uint8Array(count.buffer), byteOffset);
    const elementCount = count.getUint32(0, true) + count.getUint32(4, true) * 2 ** 32;
    if (elementCount !== storage.elementCount) {
      throw badStorage(where, `${storage.elementCount} elements, as the pickle says`, `${elementCount}`);
    }
    places.set(key, byteOffset + countByteLength);
    byteOffset = byteEnd;
  }
  if (byteOffset === source.byteLength) return places;
  throw badStorage(source.name, `${byteOffset} bytes`, `${source.byteLength} bytes`);
}

function placesOf(
  wanted: Iterable<StorageReference>,
  places: ReadonlyMap<string, number>,
  storages: ReadonlyMap<string, StorageReference>,
  file: string,
): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const { key, dtype, elementCount } of wanted) {
    const byteOffset = places.get(key);
    const where = `${file}, storage ${quoteName(key)}`;
    if (byteOffset === undefined) throw badStorage(where, "a storage in the list of keys", "no such key");
    const first = storages.get(key);
    if (first?.dtype !== dtype || first.elementCount !== elementCount) {
      throw badStorage(where, "one type and size for all its tensors", "several");
    }
    found.set(key, byteOffset);
  }
  return found;
}

function badStorage(where: string, expected: string, actual: string): StudioError {
  const what = "The file's storages are not as its pickle says";
  return new StudioError({ code: "tensor-offsets", what, where, expected, actual, advice: copyAgain });
}

function truncated(where: string, expected: number, actual: number): StudioError {
  return new StudioError({
    code: "file-truncated",
    what: "The file is truncated",
    where,
    expected: `at least ${expected} bytes`,
    actual: `${actual} bytes`,
    advice: copyAgain,
  });
}
