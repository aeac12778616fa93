import { type ErrorCode, StudioError } from "../errors.ts";
import { maximumIndexBytes, maximumShardCount } from "../limits.ts";
import type { CheckpointFolder, FolderEntry } from "./checkpoint-folder.ts";
import { quoteName } from "./quote.ts";
import { readWhole } from "./read-whole.ts";
import { parseShardIndex, type ShardIndex } from "./shard-index.ts";
import { formatOfName, type WeightFormat, weightFormats } from "./weight-formats.ts";

/** The files that hold a model's weights. */
export interface WeightFiles {
  /** Names of listed, regular files. */
  readonly files: readonly string[];
  /** What the index says of them; null where there is none. */
  readonly index: ShardIndex | null;
}

export type FolderEntries = ReadonlyMap<string, FolderEntry>;

/**
 * Chooses: the picked file, or what a picked index names; in a folder model.safetensors.index.json, or the only other index;
 * without one model.safetensors alone (what lies beside it under other names is the same model again, or an adapter), or else
 * every .safetensors file. Where there is none of these, the same of PyTorch's files. Rejects with a StudioError that says
 * what is missing, or what is there instead.
 */
export async function findWeightFiles(folder: CheckpointFolder, entries: FolderEntries): Promise<WeightFiles> {
  const found = await weightFilesOf(folder, entries);
  refuseCollisions(folder, found.files);
  return found;
}

async function weightFilesOf(folder: CheckpointFolder, entries: FolderEntries): Promise<WeightFiles> {
  const { pickedFile } = folder;
  if (pickedFile?.endsWith(".json")) return readIndex(folder, entries, pickedFile);
  if (pickedFile !== null) return { files: [requireFile(folder, entries, pickedFile).name], index: null };
  // An adapter beside a model's files is no part of it; alone it is read, for the plan to say what it is.
  for (const files of [withoutAdapters(entries), entries]) {
    for (const format of weightFormats) {
      const found = await findFilesOf(format, folder, files);
      if (found !== null) return found;
    }
  }
  throw noWeights(folder, entries);
}

/** PEFT's name for an adapter's weights. */
function withoutAdapters(entries: FolderEntries): FolderEntries {
  return new Map([...entries].filter(([name]) => !/^adapter_model[.-]/.test(name)));
}

async function findFilesOf(
  format: WeightFormat,
  folder: CheckpointFolder,
  entries: FolderEntries,
): Promise<WeightFiles | null> {
  const indexName = findIndex(format, folder, entries);
  if (indexName !== null) return readIndex(folder, entries, indexName);
  const names = namesEndingIn(format.suffixes, entries).filter((name) => !format.isOther(name));
  const files = names.includes(format.usualFile) ? [format.usualFile] : names;
  if (files.length === 0) return null;
  if (files.length > maximumShardCount) throw tooManyFiles(folder, files.length);
  for (const name of files) requireFile(folder, entries, name);
  checkNumberedShards(folder, files);
  return { files, index: null };
}

/** Sorted. Names with a dot in front are what macOS leaves on foreign disks ("._model.safetensors"). */
function namesEndingIn(suffixes: readonly string[], entries: FolderEntries): string[] {
  const isMeant = (name: string) => !name.startsWith(".") && suffixes.some((suffix) => name.endsWith(suffix));
  return [...entries.keys()].filter(isMeant).sort();
}

/** The listed, regular file of that name. `code` is for when it is not there. */
export function requireFile(
  folder: CheckpointFolder,
  entries: FolderEntries,
  name: string,
  code: ErrorCode = "shard-missing",
  expected = "a file of the model",
): FolderEntry {
  const entry = entries.get(name);
  if (entry?.kind === "file") return entry;
  const where = `${folder.path}, ${quoteName(name)}`;
  if (entry?.kind === "outside") {
    throw new StudioError({
      code: "shard-outside",
      what: "A link leads out of the model's folder",
      where,
      expected: "a file in the folder, or a link into the Hugging Face cache",
      actual: "a link to somewhere else",
      advice: "Put the file itself in the folder, or pick the folder that it lies in",
    });
  }
  const actual = { folder: "a folder", "broken-link": "a link that leads nowhere", other: "a device, pipe or socket" };
  throw new StudioError({
    code,
    what: "A file is missing",
    where,
    expected,
    actual: entry === undefined ? "no such file" : actual[entry.kind],
    advice: "Complete the download, or copy the model again",
  });
}

function findIndex(
  { usualIndex, indexSuffixes }: WeightFormat,
  folder: CheckpointFolder,
  entries: FolderEntries,
): string | null {
  if (entries.has(usualIndex)) return usualIndex;
  const names = namesEndingIn(indexSuffixes, entries);
  if (names.length < 2) return names[0] ?? null;
  throw new StudioError({
    code: "checkpoint-unsupported",
    what: "The folder holds several models",
    where: folder.path,
    expected: "one index",
    actual: names.map(quoteName).join(", "),
    advice: "Pick the index of the model that you mean",
  });
}

async function readIndex(folder: CheckpointFolder, entries: FolderEntries, name: string): Promise<WeightFiles> {
  requireFile(folder, entries, name, "checkpoint-not-found", "an index of shards");
  const source = await folder.open(name);
  const index = parseShardIndex(await readWhole(source, maximumIndexBytes, "index-invalid"), source.name);
  const [first = ""] = index.files;
  const format = formatOfName(first);
  const foreign = index.files.find((file) => format === null || formatOfName(file) !== format);
  if (foreign !== undefined) {
    throw new StudioError({
      code: "checkpoint-unsupported",
      what: "The index names files that cannot be read as one model",
      where: source.name,
      expected: "names that all end in .safetensors, or all in .bin, .pt, .pth or .ckpt",
      actual: [...new Set([first, foreign])].map(quoteName).join(" and "),
    });
  }
  for (const [tensor, file] of firstTensors(index)) {
    requireFile(
      folder,
      entries,
      file,
      "shard-missing",
      `the shard that the index names for tensor ${quoteName(tensor)}`,
    );
  }
  return { files: index.files, index };
}

/** Of each file the first tensor that the index lists, for messages. */
function firstTensors({ fileOfTensor, files }: ShardIndex): [tensor: string, file: string][] {
  const firsts = new Map<string, string>();
  for (const [tensor, file] of fileOfTensor) if (!firsts.has(file)) firsts.set(file, tensor);
  return files.map((file) => [firsts.get(file) ?? "", file]);
}

/** Shards say how many they are ("model-00001-of-00003"): without an index that is the only sign that one is missing. */
function checkNumberedShards(folder: CheckpointFolder, files: readonly string[]): void {
  const present = new Set(files);
  const checkedSets = new Set<string>();
  for (const file of files) {
    const match = /^(.*-)\d{5}-of-(\d{5})(\.[a-z]+)$/.exec(file);
    if (match === null) continue;
    const [, prefix = "", total = "", suffix = ""] = match;
    if (checkedSets.has(prefix + total + suffix)) continue;
    checkedSets.add(prefix + total + suffix);
    for (let shard = 1; shard <= Math.min(Number(total), maximumShardCount); shard++) {
      const name = `${prefix}${String(shard).padStart(5, "0")}-of-${total}${suffix}`;
      if (!present.has(name)) throw missingShard(folder, name, file);
    }
  }
}

/** On the disks of Windows and macOS such names stand for one file: the model would be another one there. */
function refuseCollisions(folder: CheckpointFolder, files: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const file of files) {
    const folded = file.normalize("NFC").toLowerCase();
    const other = seen.get(folded);
    seen.set(folded, file);
    if (other === undefined) continue;
    throw new StudioError({
      code: "checkpoint-unsupported",
      what: "Two files of the model have names that many disks take for one",
      where: folder.path,
      expected: "names that differ in more than upper and lower case",
      actual: `${quoteName(other)} and ${quoteName(file)}`,
      advice: "Copy the model again from where it comes from",
    });
  }
}

function missingShard(folder: CheckpointFolder, name: string, beside: string): StudioError {
  return new StudioError({
    code: "shard-missing",
    what: "A file is missing",
    where: `${folder.path}, ${quoteName(name)}`,
    expected: `a shard, as ${quoteName(beside)} is one of a numbered set`,
    actual: "no such file",
    advice: "Complete the download, or copy the model again",
  });
}

function tooManyFiles(folder: CheckpointFolder, count: number): StudioError {
  return new StudioError({
    code: "checkpoint-unsupported",
    what: "The folder holds more files of weights than a model has",
    where: folder.path,
    expected: `at most ${maximumShardCount}`,
    actual: `${count}`,
  });
}

function noWeights(folder: CheckpointFolder, entries: FolderEntries): StudioError {
  const { actual, advice } = describeWeightless([...entries.keys()]);
  return new StudioError({
    code: "checkpoint-empty",
    what: "No weights that can be read",
    where: folder.path,
    expected: "model.safetensors or pytorch_model.bin, or shards with their index",
    actual,
    advice,
  });
}

function describeWeightless(names: readonly string[]): { actual: string; advice: string } {
  const example = (pattern: RegExp) => names.find((name) => pattern.test(name));
  const gguf = example(/\.gguf$/i);
  if (gguf !== undefined) {
    const advice = "GGUF files cannot be read by this version: merge the model that they were made from";
    return { actual: `GGUF files (${quoteName(gguf)})`, advice };
  }
  if (names.includes("snapshots") && names.includes("blobs")) {
    return {
      actual: "a model's entry in the Hugging Face cache",
      advice: "Pick the folder inside its snapshots folder",
    };
  }
  const advice = "Pick the folder that holds the .safetensors or .bin files";
  return { actual: names.length === 0 ? "an empty folder" : "no such file", advice };
}
