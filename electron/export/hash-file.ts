import { open } from "node:fs/promises";
import { readFailure } from "../checkpoints/read-failure.ts";
import { createSha256 } from "./sha256.ts";

/** The SHA-256 of a file, read whole. Rejects with a StudioError, or with the signal's reason. */
export async function hashFile(
  path: string,
  signal: AbortSignal,
  onPiece: (byteLength: number) => void = () => undefined,
): Promise<string> {
  const hash = createSha256();
  const buffer = new Uint8Array(2 ** 20);
  const file = await open(path, "r");
  try {
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead } = await file.read(buffer, 0, buffer.byteLength);
      if (bytesRead === 0) return hash.digest();
      await hash.update(buffer.subarray(0, bytesRead));
      onPiece(bytesRead);
    }
  } catch (error) {
    hash.discard();
    throw readFailure(error, path);
  } finally {
    await file.close();
  }
}
