import type { ByteSink, ByteSource } from "../checkpoint/byte-source.ts";
import type { Backend, Slot } from "./backend.ts";

/** Something that took time, on a lane of its own kind: two spans of one lane never overlap. */
export interface TraceSpan {
  readonly kind: TraceKind;
  /** From 0, within the kind: as many as were at work at once. */
  readonly lane: number;
  /** Milliseconds of the clock that the tracer was given. */
  readonly start: number;
  readonly end: number;
  /** What was read, computed or written. */
  readonly detail: Readonly<Record<string, string | number>>;
}

/**
 * In the engine, `read` and `write` are calls to the file system, `wait` is a slot's for its input memory (on a GPU: until the last round's input is
 * copied to the device), `merge` and `measure` are the computing, with what brings its results back, which on a GPU is a `readback` of its own. One that
 * has `bytes` read them itself.
 * In main, around an export: `prepare`, and in it `lay out`, which gives files their place on the disk; `follow` reads back, hashes and sends to the disk
 * what is written; then `headers`, `prove` (what is left to recompute, beside `sync`, which is fsync), `record` and `name`.
 */
export type TraceKind = (typeof traceKinds)[number];

/** In the order in which bytes pass through them. */
export const traceKinds = [
  ...(["wait", "read", "merge", "measure", "readback", "write"] as const),
  ...(["prepare", "lay out", "follow", "headers", "prove", "sync", "record", "name"] as const),
] as const;

/** Does the work, and may take down when. */
export type Watched = <Result>(
  kind: TraceKind,
  detail: TraceSpan["detail"],
  work: () => Promise<Result>,
) => Promise<Result>;

export const unwatched: Watched = (_kind, _detail, work) => work();

/** Takes down when what happens in a pipeline. It sees the pipeline from outside: through the files and the backend that it is given. */
export class Tracer {
  readonly #now: () => number;
  readonly #onSpan: (span: TraceSpan) => void;
  readonly #busyLanes = new Map<TraceKind, boolean[]>();

  /** `now` in milliseconds; `onSpan` is called at the end of each span. */
  constructor(now: () => number, onSpan: (span: TraceSpan) => void) {
    this.#now = now;
    this.#onSpan = onSpan;
  }

  source(source: ByteSource): ByteSource {
    const { name, byteLength, descriptor } = source;
    return {
      name,
      byteLength,
      ...(descriptor === undefined ? {} : { descriptor }),
      readInto: (destination, byteOffset) =>
        this.span("read", { file: name, byteOffset, bytes: destination.byteLength }, () =>
          source.readInto(destination, byteOffset),
        ),
    };
  }

  sink(sink: ByteSink, name: string): ByteSink {
    return {
      write: (borrowedBytes, byteOffset) =>
        this.span("write", { file: name, byteOffset, bytes: borrowedBytes.byteLength }, () =>
          sink.write(borrowedBytes, byteOffset),
        ),
    };
  }

  /** The same backend, its slots watched. */
  backend(backend: Backend): Backend {
    const slots = backend.slots.map((slot, index) => this.#slot(slot, index));
    backend.watchReadbacks?.((slot, done) => {
      // Whoever computes is told when it fails.
      this.span("readback", { slot }, () => done).catch(() => undefined);
    });
    return { ...backend, slots, destroy: () => backend.destroy() };
  }

  #slot(slot: Slot, index: number): Slot {
    const detail = (operations: readonly { readonly elementCount: number }[]) => ({
      slot: index,
      operations: operations.length,
      elements: operations.reduce((sum, { elementCount }) => sum + elementCount, 0),
    });
    return {
      prepare: () => this.span("wait", { slot: index }, () => slot.prepare()),
      merge: (operations) => this.span("merge", detail(operations), () => slot.merge(operations)),
      measure: (operations) => this.span("measure", detail(operations), () => slot.measure(operations)),
      mergeFiles: (reads, operations) => {
        const bytes = reads.reduce((sum, { byteLength }) => sum + byteLength, 0);
        return this.span("merge", { ...detail(operations), bytes }, async () => {
          if (slot.mergeFiles === undefined) throw new Error("a slot without files");
          return await slot.mergeFiles(reads, operations);
        });
      },
      measureFiles: (reads, operations) => {
        const bytes = reads.reduce((sum, { byteLength }) => sum + byteLength, 0);
        return this.span("measure", { ...detail(operations), bytes }, async () => {
          if (slot.measureFiles === undefined) throw new Error("a slot without files");
          return await slot.measureFiles(reads, operations);
        });
      },
    };
  }

  /** Takes down what the work takes, whether it fails or not. */
  async span<Result>(kind: TraceKind, detail: TraceSpan["detail"], work: () => Promise<Result>): Promise<Result> {
    const lane = this.#takeLane(kind);
    const start = this.#now();
    try {
      return await work();
    } finally {
      this.#lanes(kind)[lane] = false;
      this.#onSpan({ kind, lane, start, end: this.#now(), detail });
    }
  }

  #takeLane(kind: TraceKind): number {
    const lanes = this.#lanes(kind);
    const free = lanes.indexOf(false);
    const lane = free === -1 ? lanes.length : free;
    lanes[lane] = true;
    return lane;
  }

  #lanes(kind: TraceKind): boolean[] {
    let lanes = this.#busyLanes.get(kind);
    if (lanes === undefined) {
      lanes = [];
      this.#busyLanes.set(kind, lanes);
    }
    return lanes;
  }
}
