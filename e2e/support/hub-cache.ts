import { cp, mkdir, readdir, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

const hash = "0123456789abcdef0123456789abcdef01234567";

/** Lays a model out as the Hugging Face Hub's tools do: a snapshot of links that lead to blobs. Returns the snapshot's folder. */
export async function cacheModel(hub: string, id: string, model: string): Promise<string> {
  const folder = join(hub, `models--${id.replace("/", "--")}`);
  const snapshot = join(folder, "snapshots", hash);
  await mkdir(join(folder, "refs"), { recursive: true });
  await mkdir(snapshot, { recursive: true });
  await writeFile(join(folder, "refs", "main"), hash);
  await cp(model, join(folder, "blobs"), { recursive: true });
  for (const [index, name] of (await readdir(join(folder, "blobs"))).entries()) {
    await rename(join(folder, "blobs", name), join(folder, "blobs", `blob${index}`));
    await symlink(`../../blobs/blob${index}`, join(snapshot, name));
  }
  return snapshot;
}

/** A model whose download went wrong: the links of its snapshot lead nowhere. */
export async function cacheBrokenModel(hub: string, id: string): Promise<void> {
  const snapshot = join(hub, `models--${id.replace("/", "--")}`, "snapshots", hash);
  await mkdir(snapshot, { recursive: true });
  await symlink("../../blobs/gone", join(snapshot, "model.safetensors"));
}
