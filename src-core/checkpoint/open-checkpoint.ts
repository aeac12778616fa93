import { StudioError } from "../errors.ts";
import { maximumConfigBytes, maximumTensorCount } from "../limits.ts";
import type { Checkpoint, CheckpointFile, CheckpointFormat, TensorEntry } from "./checkpoint.ts";
import type { CheckpointFolder } from "./checkpoint-folder.ts";
import { mapInOrder } from "./map-in-order.ts";
import { type ModelConfig, parseModelConfig } from "./model-config.ts";
import { withoutWrapperPrefix } from "./pytorch/wrapper-prefix.ts";
import { firstUnshowable, quoteName } from "./quote.ts";
import { readWhole } from "./read-whole.ts";
import type { ShardIndex } from "./shard-index.ts";
import { decodeUtf8 } from "./utf8.ts";
import { type FolderEntries, findWeightFiles, requireFile } from "./weight-files.ts";
import { readWeightsHeader, type WeightsHeader } from "./weights-header.ts";

/** Headers read at once. */
const concurrency = 8;

interface Shard extends CheckpointFile {
  readonly header: WeightsHeader;
}

/**
 * Reads everything about a model but its weights: which files, which tensors where, and config.json. Each tensor of the
 * result lies whole in its file. Rejects with a StudioError that names the file and the tensor. The folder stays open, and
 * is closed by whoever opened it.
 */
export async function openCheckpoint(folder: CheckpointFolder): Promise<Checkpoint> {
  const listed = await folder.list();
  const entries: FolderEntries = new Map(listed.map((entry) => [entry.name, entry]));
  const { files, index } = await findWeightFiles(folder, entries);
  const shards = await mapInOrder(files, concurrency, async (name): Promise<Shard> => {
    const source = await folder.open(name);
    return { name, byteLength: source.byteLength, header: await readWeightsHeader(source, name) };
  });
  const format = commonFormat(folder, shards);
  const collected = collectTensors(folder, shards, index);
  // Who writes an index has unwrapped the model, and the index's names are the ones that count.
  const tensors = format === "pytorch" && index === null ? withoutWrapperPrefix(collected) : collected;
  if (index !== null) checkIndexedTensors(folder, tensors, index);
  return {
    path: folder.path,
    format,
    files: shards.map(({ name, byteLength }) => ({ name, byteLength })),
    tensors,
    metadata: collectMetadata(shards),
    config: await readConfig(folder, entries),
  };
}

function commonFormat(folder: CheckpointFolder, shards: readonly Shard[]): CheckpointFormat {
  const [first] = shards;
  const other = shards.find(({ header }) => header.format !== first?.header.format);
  if (first !== undefined && other === undefined) return first.header.format;
  throw new StudioError({
    code: "checkpoint-unsupported",
    what: "The model's files are of different formats",
    where: folder.path,
    expected: "all safetensors, or all PyTorch",
    actual: [first, other].map((shard) => `${quoteName(shard?.name ?? "")}: ${shard?.header.format}`).join(", "),
  });
}

/**
 * The tensors of all shards, by file and offset. Of a tensor in several shards, the index says which one is meant. A tensor
 * that a listed shard holds and the index does not list belongs to the model: transformers 5 and vLLM load every tensor of
 * the listed shards (transformers 4.5x passed over it), and leaving it out would lose it.
 */
function collectTensors(folder: CheckpointFolder, shards: readonly Shard[], index: ShardIndex | null): TensorEntry[] {
  const tensors: TensorEntry[] = [];
  const shardOfTensor = new Map<string, Shard>();
  shards.forEach((shard, file) => {
    for (const tensor of shard.header.tensors) {
      const listedIn = index?.fileOfTensor.get(tensor.name);
      if (listedIn !== undefined && listedIn !== shard.name) continue;
      const unshowable = firstUnshowable(tensor.name);
      if (unshowable !== null) throw unshowableName(folder, shard.name, tensor.name, unshowable);
      const other = shardOfTensor.get(tensor.name);
      if (other !== undefined) throw inTwoFiles(folder, tensor.name, other.name, shard.name);
      shardOfTensor.set(tensor.name, shard);
      tensors.push({ ...tensor, file });
    }
    if (tensors.length > maximumTensorCount) throw tooManyTensors(folder);
  });
  if (tensors.length === 0) throw noTensors(folder);
  return tensors;
}

function checkIndexedTensors(folder: CheckpointFolder, tensors: readonly TensorEntry[], index: ShardIndex): void {
  const found = new Set(tensors.map(({ name }) => name));
  const missing = [...index.fileOfTensor].filter(([tensor]) => !found.has(tensor));
  const [first] = missing;
  if (first === undefined) return;
  const [tensor, file] = first;
  throw new StudioError({
    code: "shard-tensor-missing",
    what: "A shard lacks a tensor that the index says it holds",
    where: `${folder.path}, ${quoteName(file)}, tensor ${quoteName(tensor)}`,
    expected: `${index.fileOfTensor.size} tensors in the shards, as the index lists`,
    actual: `${missing.length} missing`,
    advice: "The index and the shards are of different models or versions: copy the model again",
  });
}

/** Of a key in several shards the first one's value: tools write the same to all. */
function collectMetadata(shards: readonly Shard[]): Record<string, string> {
  const entries = new Map<string, string>();
  for (const { header } of shards) {
    for (const [key, value] of Object.entries(header.metadata)) if (!entries.has(key)) entries.set(key, value);
  }
  return Object.fromEntries(entries);
}

async function readConfig(folder: CheckpointFolder, entries: FolderEntries): Promise<ModelConfig | null> {
  if (!entries.has("config.json")) return null;
  requireFile(folder, entries, "config.json", "config-invalid", "the model's config");
  const source = await folder.open("config.json");
  const text = decodeUtf8(await readWhole(source, maximumConfigBytes, "config-invalid"));
  if (text !== null) return parseModelConfig(text, source.name);
  throw new StudioError({
    code: "config-invalid",
    what: "The model's config.json cannot be read",
    where: source.name,
    expected: "a JSON object",
    actual: "text that is not UTF-8",
  });
}

function inTwoFiles(folder: CheckpointFolder, tensor: string, first: string, second: string): StudioError {
  return new StudioError({
    code: "tensor-duplicate",
    what: "Two files hold the same tensor",
    where: `${folder.path}, tensor ${quoteName(tensor)}`,
    expected: "each tensor in one file",
    actual: `${quoteName(first)} and ${quoteName(second)}`,
    advice: "Pick the one file that is the model, or put each model in a folder of its own",
  });
}

/** No tool writes such a name. It could pass for another one wherever it is read, or steer the terminal that prints it. */
function unshowableName(folder: CheckpointFolder, file: string, tensor: string, character: string): StudioError {
  return new StudioError({
    code: "checkpoint-unsupported",
    what: "A tensor's name holds a character that is not shown",
    where: `${folder.path}, ${quoteName(file)}, tensor ${quoteName(tensor)}`,
    expected: "names without control, direction and invisible characters",
    actual: character,
    advice: "Do not use this model: names of this kind are made to deceive",
  });
}

function tooManyTensors(folder: CheckpointFolder): StudioError {
  return new StudioError({
    code: "header-limit",
    what: "The model is beyond a limit",
    where: folder.path,
    expected: `at most ${maximumTensorCount} tensors`,
    actual: "more",
  });
}

function noTensors(folder: CheckpointFolder): StudioError {
  return new StudioError({
    code: "checkpoint-empty",
    what: "The model's files hold no tensor",
    where: folder.path,
    expected: "at least one tensor",
    actual: "none",
  });
}
