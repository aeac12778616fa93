import { type ErrorCode, StudioError } from "../errors.ts";
import type { ByteSource } from "./byte-source.ts";
import { isLfsPointer, lfsPointerError } from "./file-signature.ts";

/** All bytes of a small file. Rejects with `code` beyond `maximumBytes`, and with `lfs-pointer` where Git LFS left a pointer. */
export async function readWhole(source: ByteSource, maximumBytes: number, code: ErrorCode): Promise<Uint8Array> {
  if (source.byteLength > maximumBytes) {
    throw new StudioError({
      code,
      what: "The file is too large for what it should be",
      where: source.name,
      expected: `at most ${maximumBytes} bytes`,
      actual: `${source.byteLength} bytes`,
    });
  }
  const bytes = new Uint8Array(source.byteLength);
  await source.readInto(bytes, 0);
  if (isLfsPointer(bytes)) throw lfsPointerError(source.name);
  return bytes;
}
