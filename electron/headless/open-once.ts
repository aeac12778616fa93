import { resolve } from "node:path";
import type { Catalog } from "../catalog.ts";

/** Opens checkpoints by path and answers with their ids; the same path twice is the same checkpoint. */
export function openOnce(catalog: Catalog): (path: string) => Promise<string> {
  const ids = new Map<string, Promise<string>>();
  return (path) => {
    const absolute = resolve(path);
    let id = ids.get(absolute);
    if (id === undefined) {
      id = catalog.open(path).then((entry) => entry.id);
      ids.set(absolute, id);
    }
    return id;
  };
}
