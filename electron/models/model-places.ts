import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { type CachedModels, listCachedModels } from "./cached-models.ts";
import { cacheLocation } from "./hugging-face-cache.ts";
import { listModelFolder } from "./model-folder.ts";

/** Where models lie on this machine. */
export interface Place {
  readonly kind: "hugging-face" | "lm-studio" | "folder";
  readonly folder: string;
  /** The variable of the environment that says so; null for the place where it is by itself, or was said in the settings. */
  readonly saidBy: string | null;
}

/** The Hugging Face cache, LM Studio's models where it keeps any, and the folders that the settings name. */
export function modelPlaces(modelFolders: readonly string[]): readonly Place[] {
  const hub: Place = { kind: "hugging-face", ...cacheLocation() };
  const places = [
    hub,
    ...[join(homedir(), ".lmstudio", "models"), join(homedir(), ".cache", "lm-studio", "models")]
      .filter((folder) => existsSync(folder))
      .map((folder): Place => ({ kind: "lm-studio", folder, saidBy: null })),
    ...modelFolders.map((folder): Place => ({ kind: "folder", folder, saidBy: null })),
  ];
  const seen = new Set<string>();
  return places.filter(({ folder }) => {
    const path = resolve(folder);
    const isNew = !seen.has(path);
    seen.add(path);
    return isNew;
  });
}

/** Rejects where the place cannot be read; one that is not there is said, and no error. */
export function listPlace({ kind, folder }: Place): Promise<CachedModels> {
  return kind === "hugging-face" ? listCachedModels(folder) : listModelFolder(folder);
}
