import { app, clipboard } from "electron";
import type { EngineState } from "../api/environment.ts";
import type { JobState } from "../api/exports.ts";
import { diagnosticsText, withoutHome } from "./diagnostics.ts";
import { LogFile } from "./log-file.ts";

/** What the program did, for who has to understand a failure: a log, and the same on the clipboard. */
export class ActivityLog {
  readonly #file: LogFile;
  readonly #version: string;
  #lastLine = "";

  constructor(path: string, version: string) {
    this.#file = new LogFile(path);
    this.#version = version;
    this.#file.write(`start: version ${version}, Electron ${process.versions.electron}`);
    process.on("uncaughtExceptionMonitor", (error) => this.#file.write(`uncaught: ${error.stack ?? error.message}`));
  }

  write(line: string): void {
    this.#file.write(line);
  }

  engine({ status, adapter, failure }: EngineState): void {
    this.#file.write(`engine: ${status} ${adapter ?? ""} ${JSON.stringify(failure)}`);
  }

  /** Each phase once. */
  job({ id, phase, failure, outputPath }: JobState): void {
    const line = `export ${id.slice(0, 8)}: ${phase} ${outputPath}${failure === null ? "" : ` ${JSON.stringify(failure)}`}`;
    if (line !== this.#lastLine) this.#file.write(line);
    this.#lastLine = line;
  }

  /** Onto the clipboard. Without the home folder's name unless the user wants it. */
  copyDiagnostics(withPaths: boolean, present: { readonly engine: EngineState; readonly job: JobState | null }): void {
    const { electron, chrome, node } = process.versions;
    const text = diagnosticsText({
      version: this.#version,
      runtime: `Electron ${electron}, Chromium ${chrome}, Node ${node}`,
      system: `${process.platform} ${process.arch} ${process.getSystemVersion()}`,
      ...present,
      log: this.#file.recent(200),
    });
    clipboard.writeText(withPaths ? text : withoutHome(text, app.getPath("home")));
  }
}
