import { appendFile, writeFile } from "node:fs/promises";
import { formatLane, formatProcess, formatSpan, traceStart } from "../../src-core/engine/chrome-trace.ts";
import { Tracer, type TraceSpan } from "../../src-core/engine/trace.ts";
import { writeFailure } from "./write-failure.ts";

const engineProcess = { id: 1, name: "engine" };
/** A line has some 200 characters: written so often that memory does not grow with the run, and seldom enough not to disturb it. */
const linesPerWrite = 512;

/** A job's trace, written to a file while it runs. */
export class TraceFile {
  readonly tracer: Tracer;
  readonly #path: string;
  readonly #named = new Set<string>();
  #lines: string[] = [traceStart, formatProcess(engineProcess)];
  #written: Promise<void>;

  /** Rejects with a StudioError when the file cannot be written. */
  static async create(path: string): Promise<TraceFile> {
    await writeFile(path, "").catch((error: unknown) => {
      throw writeFailure(path, error);
    });
    return new TraceFile(path);
  }

  private constructor(path: string) {
    this.#path = path;
    this.#written = Promise.resolve();
    // Since 1970: what main takes down stands in the same file, by the same clock.
    this.tracer = new Tracer(
      () => performance.timeOrigin + performance.now(),
      (span) => this.#add(span),
    );
  }

  /** Writes what is left. Rejects with a StudioError when anything could not be written. */
  async close(): Promise<void> {
    this.#flush();
    await this.#written;
  }

  #add(span: TraceSpan): void {
    const lane = `${span.kind} ${span.lane}`;
    if (!this.#named.has(lane)) {
      this.#named.add(lane);
      this.#lines.push(formatLane(span.kind, span.lane, engineProcess));
    }
    this.#lines.push(formatSpan(span, engineProcess));
    if (this.#lines.length >= linesPerWrite) this.#flush();
  }

  #flush(): void {
    const text = this.#lines.splice(0).join("");
    this.#written = this.#written.then(() =>
      appendFile(this.#path, text).catch((error: unknown) => {
        throw writeFailure(this.#path, error);
      }),
    );
    // Told by `close`.
    this.#written.catch(() => {});
  }
}
