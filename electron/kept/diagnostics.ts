import type { EngineState } from "../api/environment.ts";
import type { JobState } from "../api/exports.ts";

export interface DiagnosticsFacts {
  readonly version: string;
  readonly runtime: string;
  readonly system: string;
  readonly engine: EngineState;
  readonly job: JobState | null;
  readonly log: readonly string[];
}

/** What helps someone else to understand a failure: versions, device, the last export, the log. Nothing of a model's data. */
export function diagnosticsText({ version, runtime, system, engine, job, log }: DiagnosticsFacts): string {
  return [
    `Chat Vector Studio ${version}`,
    runtime,
    system,
    `engine: ${engine.status}, ${engine.adapter ?? "no adapter"}${engine.because === null ? "" : `, because ${engine.because}`}`,
    ...(engine.failure === null ? [] : [`engine failure: ${JSON.stringify(engine.failure)}`]),
    job === null ? "no export yet" : exportLine(job),
    ...(job?.failure ? [`export failure: ${JSON.stringify(job.failure)}`] : []),
    "",
    ...log,
    "",
  ].join("\n");
}

function exportLine({ phase, bytesRead, bytesToRead, bytesWritten, bytesToWrite, seconds, result }: JobState): string {
  const figures = `read ${bytesRead} of ${bytesToRead}, wrote ${bytesWritten} of ${bytesToWrite} bytes in ${seconds.toFixed(1)} s`;
  const tensors = result === null ? "" : `; ${result.tensors.merged} tensors merged, ${result.tensors.copied} copied`;
  return `export: ${phase}, ${figures}${tensors}`;
}

/** Without what names the user: paths below the home folder begin with ~, and its last part does not occur. */
export function withoutHome(text: string, home: string): string {
  const spellings = [home, home.replaceAll("\\", "/"), home.replaceAll("\\", "\\\\")].filter(
    ({ length }) => length > 1,
  );
  const shortened = spellings.reduce((result, spelling) => result.replaceAll(spelling, "~"), text);
  const user = home.split(/[\\/]/).filter(Boolean).at(-1) ?? "";
  // "root" and the like are words of every system's messages, and name nobody.
  if (user.length < 3 || user === "root" || user === "home") return shortened;
  return shortened.replace(new RegExp(`\\b${user.replace(/[^\w]/g, "\\$&")}\\b`, "gi"), "user");
}
