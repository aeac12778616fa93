import { StudioError } from "../../errors.ts";
import { maximumPickleBytes } from "../../limits.ts";
import type { ByteSource } from "../byte-source.ts";
import { asciiText } from "../json-bytes.ts";
import { quoteName } from "../quote.ts";
import { PickleCursor } from "./pickle-cursor.ts";
import type { PickleValue, StorageReference } from "./pickle-values.ts";
import { readPickle } from "./read-pickle.ts";
import { bytesPerStorageElement, parseStorageId } from "./storage-reference.ts";
import type { TorchContents } from "./torch-contents.ts";
import { readZipDirectory, type ZipEntry } from "./zip-directory.ts";
import { zipInvalid } from "./zip-invalid.ts";
import { locateZipMember } from "./zip-member.ts";

type Directory = ReadonlyMap<string, ZipEntry>;

const maximumByteOrderBytes = 16;

/**
 * Reads what torch.save has written since 1.6: a zip archive with the pickle `<root>/data.pkl` and a member `<root>/data/<key>`
 * for each storage. Rejects with a StudioError. Source: PyTorch, torch/serialization.py and caffe2/serialize/inline_container.h.
 */
export async function readTorchZip(source: ByteSource): Promise<TorchContents> {
  const directory = await readZipDirectory(source);
  const root = findRoot(directory, source.name);
  checkStored(directory, source.name);
  await checkByteOrder(source, directory.get(`${root}/byteorder`));
  const value = await readMemberPickle(source, memberOf(directory, `${root}/data.pkl`, source));
  return { value, locate: (storages) => locateStorages(source, directory, root, storages) };
}

/** PyTorch calls the root after the file, or "archive". */
function findRoot(directory: Directory, file: string): string {
  const roots = [...directory.keys()]
    .filter((name) => /^[^/]+\/data\.pkl$/.test(name))
    .map((name) => name.slice(0, -9));
  const [root] = roots;
  if (root === undefined || roots.length > 1) {
    const actual = roots.length > 1 ? roots.slice(0, 5).map(quoteName).join(", ") : describeMembers(directory);
    throw zipInvalid(file, "one folder with a data.pkl", actual);
  }
  if (directory.has(`${root}/constants.pkl`)) {
    throw new StudioError({
      code: "pickle-refused",
      what: "The file is a TorchScript program",
      where: file,
      expected: "a state dict",
      actual: `${quoteName(`${root}/constants.pkl`)} beside the data`,
      advice: "Save the model's state_dict by itself, or convert the model to safetensors",
    });
  }
  return root;
}

/** Whoever packs a PyTorch file anew compresses it; then its tensors are nowhere in the file. */
function checkStored(directory: Directory, file: string): void {
  for (const { name, isCompressed } of directory.values()) {
    if (isCompressed) throw zipInvalid(file, "members that are stored as they are", "a compressed one", name);
  }
}

function describeMembers(directory: Directory): string {
  const names = [...directory.keys()];
  return names.length === 0 ? "an empty archive" : `an archive of ${names.slice(0, 3).map(quoteName).join(", ")}, …`;
}

/** Absent before PyTorch 2.1, and then little. */
async function checkByteOrder(source: ByteSource, entry: ZipEntry | undefined): Promise<void> {
  if (entry === undefined) return;
  const bytes = new Uint8Array(Math.min(entry.byteLength, maximumByteOrderBytes));
  await source.readInto(bytes, await locateZipMember(source, entry));
  const order = asciiText(bytes, 0, bytes.length);
  if (order !== "little") throw notLittleEndian(source.name, quoteName(order));
}

export function notLittleEndian(where: string, actual: string): StudioError {
  return new StudioError({
    code: "checkpoint-unsupported",
    what: "The file was not saved on a little-endian machine",
    where,
    expected: "little",
    actual,
    advice: "Load and save it again on a common machine",
  });
}

async function readMemberPickle(source: ByteSource, entry: ZipEntry): Promise<PickleValue> {
  if (entry.byteLength > maximumPickleBytes) {
    throw new StudioError({
      code: "pickle-limit",
      what: "The pickle is beyond a limit",
      where: `${source.name}, ${quoteName(entry.name)}`,
      expected: `at most ${maximumPickleBytes} bytes`,
      actual: `${entry.byteLength} bytes`,
    });
  }
  const byteOffset = await locateZipMember(source, entry);
  const cursor = new PickleCursor(source, byteOffset, byteOffset + entry.byteLength);
  const value = await readPickle(cursor, (id) => parseStorageId(id, "zip"));
  if (cursor.remaining === 0) return value;
  throw cursor.malformed("the end of the bytes after STOP", `${cursor.remaining} bytes more`);
}

async function locateStorages(
  source: ByteSource,
  directory: Directory,
  root: string,
  storages: Iterable<StorageReference>,
): Promise<ReadonlyMap<string, number>> {
  const places = new Map<string, number>();
  for (const storage of storages) {
    const entry = memberOf(directory, `${root}/data/${storage.key}`, source);
    const elementBytes = bytesPerStorageElement(storage);
    const excess = entry.byteLength - storage.elementCount * elementBytes;
    // A storage need not be a whole number of elements.
    if (excess < 0 || excess >= elementBytes) {
      const expected = `${storage.elementCount * elementBytes} bytes, as the pickle says`;
      throw zipInvalid(source.name, expected, `${entry.byteLength} bytes`, entry.name);
    }
    if (!places.has(storage.key)) places.set(storage.key, await locateZipMember(source, entry));
  }
  return places;
}

function memberOf(directory: Directory, name: string, source: ByteSource): ZipEntry {
  const entry = directory.get(name);
  if (entry !== undefined) return entry;
  throw zipInvalid(source.name, "the member that the pickle names", "no such member", name);
}
