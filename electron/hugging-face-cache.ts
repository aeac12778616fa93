import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { isModelIdLike } from "../src-core/recipe/recipe-paths.ts";

/**
 * Where a model that is named by path or by id ("org/name") lies: a path that is there goes before an id, and an id that is not in
 * the local Hugging Face cache comes back as it is. Of a cached model it is the snapshot of `main`, else the only one.
 */
export function locateModel(reference: string): string {
  if (!isModelIdLike(reference) || existsSync(resolve(reference))) return reference;
  return cachedSnapshot(reference) ?? reference;
}

/** The folder of a cached model's snapshot, by its id; null where the cache has none. */
function cachedSnapshot(modelId: string): string | null {
  const folder = join(cacheFolder(), `models--${modelId.replace("/", "--")}`);
  const snapshots = join(folder, "snapshots");
  const revision = mainRevision(folder) ?? onlyEntry(snapshots);
  const snapshot = revision === null ? null : join(snapshots, revision);
  return snapshot !== null && existsSync(snapshot) ? snapshot : null;
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

function mainRevision(folder: string): string | null {
  try {
    const revision = readFileSync(join(folder, "refs", "main"), "utf8").trim();
    // A commit's hash: what a file there says must not lead elsewhere.
    return /^\w+$/.test(revision) ? revision : null;
  } catch {
    return null;
  }
}

function onlyEntry(folder: string): string | null {
  try {
    const [only, ...others] = readdirSync(folder);
    return only !== undefined && others.length === 0 ? only : null;
  } catch {
    return null;
  }
}
