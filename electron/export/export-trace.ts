import { appendFile, rm, stat } from "node:fs/promises";
import { formatLane, formatProcess, formatSpan, traceStart } from "../../src-core/engine/chrome-trace.ts";
import { Tracer, type TraceSpan, unwatched, type Watched } from "../../src-core/engine/trace.ts";
import { outputFailure } from "./output-failure.ts";

const mainProcess = { id: 2, name: "main" };

/** What main does around an export, and when: goes behind what the engine has written to the same trace (renderer/engine/trace-file.ts). */
export class ExportTrace {
  readonly watched: Watched;
  readonly #path: string | null;
  readonly #named = new Set<string>();
  /** Some hundreds; one for each 8 MiB that are followed. */
  readonly #spans: TraceSpan[] = [];

  private constructor(path: string | null) {
    this.#path = path;
    const tracer = new Tracer(
      () => performance.timeOrigin + performance.now(),
      (span) => this.#spans.push(span),
    );
    this.watched = path === null ? unwatched : (kind, detail, work) => tracer.span(kind, detail, work);
  }

  /** An earlier trace of that name is removed; null: nothing is taken down. */
  static async open(path: string | null): Promise<ExportTrace> {
    // What is no file stays, and is in the way of who writes next: the engine, which says so.
    if (path !== null) await rm(path, { force: true }).catch(() => undefined);
    return new ExportTrace(path);
  }

  /** Writes what was taken down since the last time; when no engine writes any more. Rejects with a StudioError. */
  async write(): Promise<void> {
    const path = this.#path;
    if (path === null) return;
    const isThere = await stat(path).catch(() => null);
    const lines = [isThere === null ? traceStart : ""];
    for (const span of this.#spans.splice(0)) {
      const lane = `${span.kind} ${span.lane}`;
      if (this.#named.size === 0) lines.push(formatProcess(mainProcess));
      if (!this.#named.has(lane)) lines.push(formatLane(span.kind, span.lane, mainProcess));
      this.#named.add(lane);
      lines.push(formatSpan(span, mainProcess));
    }
    await appendFile(path, lines.join("")).catch((error: unknown) => {
      throw outputFailure(error, "The trace cannot be written", path);
    });
  }
}
