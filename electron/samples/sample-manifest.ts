import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { maximumKeptBytes } from "../../src-core/limits.ts";
import { readSmallFile } from "../checkpoints/read-small-file.ts";
import { parseKept } from "../kept/parse-kept.ts";

/** In a folder of sample models: what they were made of, and every file of theirs. */
const manifestName = "sample.json";

export const manifestSchema = z.object({
  kind: z.literal("chat-vector-studio samples"),
  /** Compared as a whole, never read. */
  description: z.unknown(),
  files: z.array(z.object({ name: z.string().min(1), byteLength: z.number().int().nonnegative() })).min(1),
});

export interface SampleManifest {
  readonly description: unknown;
  readonly files: readonly ManifestFile[];
}

export interface ManifestFile {
  /** From the folder, with slashes. */
  readonly name: string;
  readonly byteLength: number;
}

export async function writeManifest(folder: string, { description, files }: SampleManifest): Promise<void> {
  const manifest: z.input<typeof manifestSchema> = {
    kind: "chat-vector-studio samples",
    description,
    files: [...files],
  };
  await writeFile(join(folder, manifestName), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** The manifest of a folder; null where there is none of ours. */
export async function readManifest(folder: string): Promise<SampleManifest | null> {
  const text = await readSmallFile(join(folder, manifestName), maximumKeptBytes).catch(() => null);
  return text === null ? null : parseKept(text.toString("utf8"), manifestSchema);
}

/** A file is there with its length. */
export async function isWhole(folder: string, { name, byteLength }: ManifestFile): Promise<boolean> {
  const found = await stat(join(folder, name)).catch(() => null);
  return found?.isFile() === true && found.size === byteLength;
}
