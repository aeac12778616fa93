import { type FileHandle, open } from "node:fs/promises";
import { join, resolve } from "node:path";
import { makeSampleModel, type SampleModel } from "../../src-core/samples/sample-model.ts";
import { describeSample, type SampleOptions, sampleRoles, smallSample } from "../../src-core/samples/sample-options.ts";
import { SampleDirectory, type SamplePaths } from "./sample-directory.ts";
import { sampleFailure } from "./sample-failure.ts";

const chunkBytes = 4 * 1024 * 1024;

export interface SampleModelsRequest extends Partial<SampleOptions> {
  /** The folder that gets `base`, `chat` and `target`; it and its parents are made. */
  readonly directory: string;
  /** Of each model's folder, before its role; none unless told. */
  readonly prefix?: string;
  readonly onProgress?: (progress: SampleProgress) => void;
  readonly signal?: AbortSignal;
}

export interface SampleProgress {
  readonly bytesWritten: number;
  readonly bytesToWrite: number;
}

/**
 * Makes a triple of sample models; the small one unless the request says more. A folder that already holds the same triple is
 * used as it is, one that lost files of it gets them back. Everything is written beside the folder first and named at the
 * end; memory is two chunks. Rejects with a StudioError: `usage`, `output-exists` for a folder with anything else in it,
 * `output-space` before a byte is written, `output-permission`, `write-failed`, or the signal's reason.
 */
export async function makeSampleModels(request: SampleModelsRequest): Promise<SamplePaths> {
  const { directory, prefix, onProgress, signal, ...options } = request;
  const description = describeSample({ ...smallSample, ...options });
  const place = new SampleDirectory(resolve(directory), description, prefix);
  if ((await place.state()) === "complete") return place.paths;
  const models = sampleRoles.map((role) => makeSampleModel(description, role));
  try {
    await place.prepare(models.reduce((sum, { byteLength }) => sum + byteLength, 0));
    await writeModels(models, place, onProgress, signal);
    await place.finish(models);
  } finally {
    await place.clean();
  }
  return place.paths;
}

async function writeModels(
  models: readonly SampleModel[],
  place: SampleDirectory,
  onProgress: SampleModelsRequest["onProgress"],
  signal: AbortSignal | undefined,
): Promise<void> {
  const buffers: ChunkPair = [new Uint8Array(chunkBytes), new Uint8Array(chunkBytes)];
  const bytesToWrite = models.reduce((sum, { byteLength }) => sum + byteLength, 0);
  let bytesWritten = 0;
  for (const { role, files } of models) {
    for (const file of files) {
      const path = join(place.partialPath, place.folderName(role), file.name);
      await writeSampleFile(file, path, buffers, (byteLength) => {
        signal?.throwIfAborted();
        bytesWritten += byteLength;
        onProgress?.({ bytesWritten, bytesToWrite });
      }).catch((error: unknown) => {
        if (signal?.aborted) throw signal.reason;
        throw sampleFailure(error, path);
      });
    }
  }
}

type ChunkPair = readonly [Uint8Array, Uint8Array];

/** Makes one chunk while the one before is being written. */
async function writeSampleFile(
  file: SampleModel["files"][number],
  path: string,
  [first, second]: ChunkPair,
  onWritten: (byteLength: number) => void,
): Promise<void> {
  const handle = await open(path, "wx");
  let pending: Promise<void> = Promise.resolve();
  try {
    let [buffer, other] = [first, second];
    for (let byteOffset = 0; byteOffset < file.byteLength; byteOffset += chunkBytes) {
      const chunk = buffer.subarray(0, Math.min(chunkBytes, file.byteLength - byteOffset));
      file.fill(chunk, byteOffset);
      await pending;
      pending = writeAll(handle, chunk, byteOffset).then(() => onWritten(chunk.byteLength));
      [buffer, other] = [other, buffer];
    }
    await pending;
  } finally {
    // Nothing may be in flight on a handle that is closed; what failed has been said above.
    await pending.catch(() => undefined);
    await handle.close();
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, byteOffset: number): Promise<void> {
  let done = 0;
  while (done < bytes.byteLength) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.byteLength - done, byteOffset + done);
    done += bytesWritten;
  }
}
