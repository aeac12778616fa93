import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import koffi from "koffi";

/** A SHA-256 that is fed piece by piece. */
export interface Sha256 {
  /** One after another; the bytes may be reused once the promise has resolved. */
  update(borrowedBytes: Uint8Array): Promise<void>;
  /** Ends it, as hexadecimal digits. */
  digest(): string;
  /** Frees what it holds, when there will be no digest. */
  discard(): void;
}

let create: (() => Sha256) | null = null;

/**
 * OpenSSL's, where the system has it: in a thread of its own, at 1.9 GB/s. Node's crypto takes the time of main's own thread, in which an export is also
 * followed and recomputed: there 2.2 GB took 2.0 s of it.
 */
export function createSha256(): Sha256 {
  create ??= openSslSha256() ?? nodeSha256;
  return create();
}

/** Half a millisecond of this thread's time. */
const turnBytes = 2 ** 20;

/** Hashes in this thread, which does other work in between. */
export function nodeSha256(): Sha256 {
  const hash = createHash("sha256");
  return {
    update: async (bytes) => {
      for (let at = 0; at < bytes.byteLength; at += turnBytes) {
        if (at > 0) await setImmediate();
        hash.update(bytes.subarray(at, at + turnBytes));
      }
    },
    digest: () => hash.digest("hex"),
    discard: () => undefined,
  };
}

/** OpenSSL 3 or 1.1 of the system; null where there is none. */
export function openSslSha256(): (() => Sha256) | null {
  for (const name of libraryNames()) {
    try {
      return bind(koffi.load(name));
    } catch {
      // Not on this system under this name, or without these functions.
    }
  }
  return null;
}

function libraryNames(): readonly string[] {
  return process.platform === "linux" ? ["libcrypto.so.3", "libcrypto.so.1.1"] : [];
}

function bind(library: ReturnType<typeof koffi.load>): () => Sha256 {
  const newContext = library.func("void *EVP_MD_CTX_new()");
  const freeContext = library.func("void EVP_MD_CTX_free(void *context)");
  const algorithm = library.func("void *EVP_sha256()");
  const initialize = library.func("int EVP_DigestInit_ex(void *context, void *type, void *engine)");
  const update = library.func("int EVP_DigestUpdate(void *context, void *data, size_t byteLength)");
  const finish = library.func("int EVP_DigestFinal_ex(void *context, _Out_ uint8_t *digest, void *size)");
  return () => {
    const context: unknown = newContext();
    const check = (result: number) => {
      if (result !== 1) throw new Error("OpenSSL refused a SHA-256");
    };
    check(initialize(context, algorithm(), null));
    return {
      update: (bytes) =>
        new Promise((resolve, reject) => {
          update.async(context, bytes, bytes.byteLength, (error: Error | null, result: number) => {
            if (error === null && result === 1) resolve();
            else reject(error ?? new Error("OpenSSL refused to go on with a SHA-256"));
          });
        }),
      digest: () => {
        const digest = Buffer.alloc(32);
        check(finish(context, digest, null));
        freeContext(context);
        return digest.toString("hex");
      },
      discard: () => freeContext(context),
    };
  };
}
