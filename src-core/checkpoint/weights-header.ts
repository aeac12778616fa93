import { StudioError } from "../errors.ts";
import type { ByteSource } from "./byte-source.ts";
import type { CheckpointFormat, TensorEntry } from "./checkpoint.ts";
import {
  describeStart,
  isLfsPointer,
  lfsPointerError,
  recognizeForeignFormat,
  signatureByteLength,
} from "./file-signature.ts";
import { copyAgain } from "./header-start.ts";
import { openBrace } from "./json-bytes.ts";
import { tensorsOfTorchFile } from "./pytorch/torch-file.ts";
import { readTorchLegacy } from "./pytorch/torch-legacy.ts";
import { recognizeTorchFile } from "./pytorch/torch-signature.ts";
import { readTorchZip } from "./pytorch/torch-zip.ts";
import { readSafetensorsHeader } from "./safetensors-header.ts";
import { formatOfName } from "./weight-formats.ts";

/** What one file of weights says of itself, in either format. */
export interface WeightsHeader {
  readonly format: CheckpointFormat;
  /** By byte offset. */
  readonly tensors: readonly Omit<TensorEntry, "file">[];
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads the header of a file of weights. A file named .safetensors is one; any other is what its first bytes say, as blobs of
 * caches have no suffix. Rejects with a StudioError.
 */
export async function readWeightsHeader(source: ByteSource, fileName: string): Promise<WeightsHeader> {
  const namedFormat = formatOfName(fileName);
  if (namedFormat !== "safetensors") {
    const start = new Uint8Array(Math.min(source.byteLength, signatureByteLength));
    await source.readInto(start, 0);
    if (isLfsPointer(start)) throw lfsPointerError(source.name);
    const torch = recognizeTorchFile(start);
    if (torch !== null) {
      const contents = await (torch === "zip" ? readTorchZip(source) : readTorchLegacy(source));
      return { format: "pytorch", tensors: await tensorsOfTorchFile(source, contents), metadata: {} };
    }
    // Not JSON behind a length either: what the name says is what is missed.
    if (namedFormat === "pytorch" && start[8] !== openBrace) throw notTorch(start, source.name);
  }
  const { tensors, metadata } = await readSafetensorsHeader(source);
  return { format: "safetensors", tensors, metadata };
}

function notTorch(start: Uint8Array, where: string): StudioError {
  const foreign = recognizeForeignFormat(start);
  return new StudioError({
    code: "not-pytorch",
    what: "Not a PyTorch file",
    where,
    expected: "a zip archive, or a pickle that starts with PyTorch's number",
    actual: foreign?.actual ?? describeStart(start),
    advice: foreign?.advice ?? copyAgain,
  });
}
