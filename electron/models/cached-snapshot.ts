import { stat } from "node:fs/promises";
import { join } from "node:path";
import { weightFormats } from "../../src-core/checkpoint/weight-formats.ts";
import { maximumShardCount } from "../../src-core/limits.ts";

export interface SnapshotState {
  /** Of the weights that would be read, as far as they are there. */
  readonly bytes: number;
  /** Why it cannot be opened; null where nothing shows that it cannot. */
  readonly problem: string | null;
  /** It holds a model, whole or not: weights that can be merged, or what should lead to them. */
  readonly hasWeights: boolean;
}

/** Beside weights, under endings of theirs. */
const notWeights = /^(adapter_model|training_args|optimizer|scheduler|rng_state|tokenizer)[._-]/;

/** Tells by the names in a snapshot's folder, and by what they lead to, whether it holds a model's weights. Nothing is opened. */
export async function snapshotState(folder: string, names: readonly string[]): Promise<SnapshotState> {
  // What would be read, in this order; src-core/checkpoint/weight-files.ts decides for good.
  for (const { suffixes, indexSuffixes } of weightFormats) {
    const files = endingIn(suffixes, names).filter((name) => !notWeights.test(name) && !name.startsWith("."));
    if (files.length > 0) return weightsState(folder, files);
    if (endingIn(indexSuffixes, names).length > 0)
      return { bytes: 0, problem: "the files that its index names are missing", hasWeights: true };
  }
  const without = (problem: string) => ({ bytes: 0, problem, hasWeights: false });
  if (names.some((name) => /\.gguf$/i.test(name))) return without("GGUF files, which cannot be merged");
  if (names.some((name) => /^adapter_model\./.test(name))) return without("an adapter, not a whole model");
  return without(names.length === 0 ? "nothing of it was downloaded" : "no weights were downloaded");
}

function endingIn(suffixes: readonly string[], names: readonly string[]): string[] {
  return names.filter((name) => suffixes.some((suffix) => name.endsWith(suffix)));
}

async function weightsState(folder: string, files: readonly string[]): Promise<SnapshotState> {
  const sizes = await Promise.all(files.map((name) => sizeOf(join(folder, name))));
  const there = sizes.filter((size) => size !== null);
  const bytes = there.reduce((sum, size) => sum + size, 0);
  return { bytes, problem: faultOf(files, sizes, sizes.length - there.length), hasWeights: true };
}

function faultOf(files: readonly string[], sizes: readonly (number | null)[], broken: number): string | null {
  if (broken > 0) return `${counted(broken, "link")} to its weights ${broken === 1 ? "leads" : "lead"} nowhere`;
  const missing = missingShards(files);
  if (missing > 0) return `${counted(missing, "file")} of its weights ${missing === 1 ? "is" : "are"} missing`;
  return sizes.includes(0) ? "a file of its weights is empty" : null;
}

/** Null where there is no file at the end of the links: nothing, a circle, or something else. */
async function sizeOf(path: string): Promise<number | null> {
  return stat(path).then(
    (stats) => (stats.isFile() ? stats.size : null),
    () => null,
  );
}

/** "model-00001-of-00003" says how many there should be. */
function missingShards(files: readonly string[]): number {
  const sets = new Map<string, number>();
  let expected = 0;
  for (const file of files) {
    const [, prefix, total] = /^(.*-)\d{5}-of-(\d{5})\.[a-z]+$/.exec(file) ?? [];
    if (prefix === undefined || total === undefined) continue;
    const set = `${prefix}${total}`;
    if (!sets.has(set)) expected += Math.min(Number(total), maximumShardCount);
    sets.set(set, (sets.get(set) ?? 0) + 1);
  }
  const present = [...sets.values()].reduce((sum, count) => sum + count, 0);
  return Math.max(expected - present, 0);
}

function counted(count: number, word: string): string {
  return count === 1 ? `one ${word}` : `${count} ${word}s`;
}
