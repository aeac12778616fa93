import { access, readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { isModelIdLike } from "../../src-core/recipe/recipe-paths.ts";
import { readSmallFile } from "../checkpoints/read-small-file.ts";

/**
 * Where a model that is named by path or by id ("org/name") lies: a path that is there goes before an id, and an id that is not in
 * the local Hugging Face cache comes back as it is. Of a cached model it is the snapshot of `main`, else the only one.
 */
export async function locateModel(reference: string): Promise<string> {
  if (!isModelIdLike(reference) || (await isThere(resolve(reference)))) return reference;
  return (await cachedSnapshot(reference)) ?? reference;
}

/** The folder of a cached model's snapshot, by its id; null where the cache has none. */
async function cachedSnapshot(modelId: string): Promise<string | null> {
  const folder = join(cacheFolder(), `models--${modelId.replace("/", "--")}`);
  const snapshots = join(folder, "snapshots");
  const revision = (await mainRevision(folder)) ?? (await onlyEntry(snapshots));
  const snapshot = revision === null ? null : join(snapshots, revision);
  return snapshot !== null && (await isThere(snapshot)) ? snapshot : null;
}

/** The cache's folder, and the variable that says so; null where none does. */
export interface CacheLocation {
  readonly folder: string;
  readonly saidBy: string | null;
}

/** The cache moves with these variables, as the hub's own tools have it. */
export function cacheLocation(): CacheLocation {
  for (const saidBy of ["HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"]) {
    const hub = process.env[saidBy];
    if (hub) return { folder: inHome(hub), saidBy };
  }
  const { HF_HOME, XDG_CACHE_HOME } = process.env;
  if (HF_HOME) return { folder: join(inHome(HF_HOME), "hub"), saidBy: "HF_HOME" };
  if (XDG_CACHE_HOME) return { folder: join(inHome(XDG_CACHE_HOME), "huggingface", "hub"), saidBy: "XDG_CACHE_HOME" };
  return { folder: join(homedir(), ".cache", "huggingface", "hub"), saidBy: null };
}

export function cacheFolder(): string {
  return cacheLocation().folder;
}

function inHome(path: string): string {
  return path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : path;
}

async function mainRevision(folder: string): Promise<string | null> {
  const text = await readSmallFile(join(folder, "refs", "main"), 1024).catch(() => "");
  const revision = text.toString().trim();
  // A commit's hash: what a file there says must not lead elsewhere.
  return /^\w+$/.test(revision) ? revision : null;
}

async function onlyEntry(folder: string): Promise<string | null> {
  const [only, ...others] = await readdir(folder).catch(() => []);
  return only !== undefined && others.length === 0 ? only : null;
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
