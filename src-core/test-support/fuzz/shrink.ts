import type { FuzzDocument } from "./document.ts";

const shrinkMilliseconds = 5_000;

/**
 * A smaller document that fails in the same way: ever smaller runs of bytes are left out, file by file, as long as it still
 * fails and there is time.
 */
export async function shrink(
  document: FuzzDocument,
  stillFails: (candidate: FuzzDocument) => Promise<boolean>,
): Promise<FuzzDocument> {
  const deadline = Date.now() + shrinkMilliseconds;
  let smallest = document;
  for (const name of Object.keys(document)) {
    let bytes = smallest[name] ?? new Uint8Array();
    for (let run = Math.ceil(bytes.length / 2); run >= 1; run = run === 1 ? 0 : Math.ceil(run / 2)) {
      for (let at = 0; at < bytes.length && Date.now() < deadline; ) {
        const shorter = new Uint8Array([...bytes.subarray(0, at), ...bytes.subarray(at + run)]);
        if (await stillFails({ ...smallest, [name]: shorter })) {
          bytes = shorter;
          smallest = { ...smallest, [name]: bytes };
        } else at += run;
      }
    }
  }
  return smallest;
}
