import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { mapInOrder } from "../../src-core/checkpoint/map-in-order.ts";
import { maximumCachedModelCount } from "../../src-core/limits.ts";
import { type CachedModels, type CachedSnapshot, entriesOf, listCachedModels, modifiedOf } from "./cached-models.ts";
import { snapshotState } from "./cached-snapshot.ts";

const concurrency = 16;

/**
 * Lists the models of a folder that somebody keeps them in: those that lie in it, or in folders of their publishers in it
 * ("org/name", as LM Studio has them); or that of a Hugging Face cache, if it is one. What holds no weights that can be merged is
 * passed over. Rejects as `listCachedModels` does where the folder itself cannot be read.
 */
export async function listModelFolder(folder: string): Promise<CachedModels> {
  for (const hub of [folder, join(folder, "hub")]) if (await isHub(hub)) return await listCachedModels(hub);
  // Says what is wrong with a folder that cannot be read, in the same words.
  const { exists } = await listCachedModels(folder);
  if (!exists) return { exists: false, models: [], truncated: false };
  const itself = await modelAt(folder, basename(folder));
  const first = await foldersIn(folder, "");
  const found = await mapInOrder(first, concurrency, async ({ path, name }) => {
    const model = await modelAt(path, name);
    if (model !== null) return [model];
    const second = await foldersIn(path, `${name}/`);
    return (await Promise.all(second.map((each) => modelAt(each.path, each.name)))).filter((each) => each !== null);
  });
  const models = [...(itself === null ? [] : [itself]), ...found.flat()];
  models.sort((a, b) => b.modifiedMs - a.modifiedMs || (a.name < b.name ? -1 : 1));
  return {
    exists: true,
    models: models.slice(0, maximumCachedModelCount),
    truncated: models.length > maximumCachedModelCount,
  };
}

async function isHub(folder: string): Promise<boolean> {
  return (await entriesOf(folder)).some(({ name }) => name.startsWith("models--"));
}

async function foldersIn(folder: string, prefix: string): Promise<readonly { path: string; name: string }[]> {
  const entries = await entriesOf(folder);
  const known = entries.filter(
    (entry) => !entry.name.startsWith(".") && (entry.isDirectory() || entry.isSymbolicLink()),
  );
  const folders = await Promise.all(
    known.map(async (entry) => entry.isDirectory() || (await isFolder(join(folder, entry.name)))),
  );
  return known
    .filter((_, index) => folders[index])
    .map(({ name }) => ({ path: join(folder, name), name: `${prefix}${name}` }));
}

async function modelAt(path: string, name: string): Promise<CachedSnapshot | null> {
  const entries = await entriesOf(path);
  const names = entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name);
  const { bytes, problem, hasWeights } = await snapshotState(path, names);
  if (!hasWeights) return null;
  return { name, path, revision: null, bytes, modifiedMs: await modifiedOf(path), problem };
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
