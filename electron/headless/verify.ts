import { resolve } from "node:path";
import type { MergeServices } from "../export/merge-services.ts";
import { type ExportVerification, verifyExport } from "../export/verify-export.ts";
import type { VerifyOptions } from "./commands.ts";
import { printNotice } from "./output.ts";
import { ProgressLine } from "./progress-line.ts";

/** Checks an exported folder and returns what was found, as JSON or in words. */
export async function verify(options: VerifyOptions, services: MergeServices, signal: AbortSignal): Promise<string> {
  let line: ProgressLine | null = null;
  try {
    const found = await verifyExport(resolve(options.folder), services.catalog, {
      signal,
      onBytes: (bytesRead, bytesToRead) => {
        line ??= new ProgressLine(bytesToRead, 0);
        line.progress({ bytesRead, bytesWritten: 0 });
      },
    });
    for (const { name, state } of found.files) {
      if (state !== "same" && state !== "unhashed") printNotice(`notice: ${name} is not as it was written (${state})`);
    }
    return options.json ? JSON.stringify(found) : inWords(found);
  } finally {
    (line as ProgressLine | null)?.end();
  }
}

function inWords({ path, made, files, recomputed, notRecomputedBecause }: ExportVerification): string {
  const same = files.filter(({ state }) => state === "same").length;
  return [
    `${path}, written ${made.at} by version ${made.version}`,
    `${same} of ${files.length} files have the SHA-256 that was recorded, among them all weights`,
    recomputed === null
      ? `not recomputed: ${notRecomputedBecause}`
      : `${recomputed.samples} elements recomputed from the sources, ${recomputed.mismatches} differ`,
  ].join("\n");
}
