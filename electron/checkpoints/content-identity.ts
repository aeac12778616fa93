import { createHash } from "node:crypto";
import type { Checkpoint } from "../../src-core/checkpoint/checkpoint.ts";
import type { NodeCheckpointFolder } from "./checkpoint-folder.ts";

/** Blocks of a file's data that are looked at, and their size: enough to tell files apart that were made to look alike. */
const blockCount = 4;
const blockBytes = 4096;

/**
 * A hash that stands for a checkpoint's content without reading all of it: sizes, times of change, headers, and a few blocks
 * of data of every file; not their names or places. A file that changes its content changes its time.
 */
export async function contentIdentity(checkpoint: Checkpoint, folder: NodeCheckpointFolder): Promise<string> {
  const hash = createHash("sha256");
  for (const { name, byteLength } of checkpoint.files) {
    const file = await folder.open(name);
    hash.update(`${byteLength} ${folder.identityOf(name).modifiedMs}\n`);
    for (let block = 0; block < blockCount; block++) {
      const byteOffset = Math.floor((Math.max(0, byteLength - blockBytes) * block) / (blockCount - 1));
      const bytes = new Uint8Array(Math.min(blockBytes, byteLength));
      await file.readInto(bytes, byteOffset);
      hash.update(bytes);
    }
  }
  for (const { name, dtype, shape, file, byteOffset } of checkpoint.tensors) {
    hash.update(`${name}\0${dtype} ${shape.join()} ${file} ${byteOffset}\n`);
  }
  return hash.digest("hex");
}
