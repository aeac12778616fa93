import type { TensorStatistics } from "../src-core/statistics/tensor-statistics.ts";
import type { MeasureRequest, MeasureStart, MeasureState } from "./api.ts";
import { interrupted } from "./export/interruption.ts";
import { Measurement, type MeasurementServices, measureFailure, recall } from "./measurement.ts";
import type { MeasurementStore } from "./measurement-store.ts";
import { Throughput } from "./throughput.ts";

export interface MeasureEvents {
  onState(state: MeasureState): void;
  onTensors(measureId: string, tensors: readonly TensorStatistics[]): void;
}

interface Session {
  readonly request: string;
  readonly measurement: Measurement;
  readonly key: string;
  state: MeasureState;
  abort: AbortController;
  /** Resolves when nothing is read any more. */
  atRest: Promise<void>;
}

/** The window's measuring: one at a time, interrupted by exports, remembered between starts of the program. */
export class MeasureSessions {
  readonly #services: MeasurementServices;
  readonly #store: MeasurementStore;
  readonly #events: MeasureEvents;
  #session: Session | null = null;
  #latestStart = 0;

  constructor(services: MeasurementServices, store: MeasurementStore, events: MeasureEvents) {
    this.#services = services;
    this.#store = store;
    this.#events = events;
  }

  /** Starts, or goes on with the same request. `isEngineBusy`: an export runs, reading waits for `resume`. */
  async start(request: MeasureRequest, isEngineBusy: boolean): Promise<MeasureStart> {
    const session = await this.#sessionFor(request);
    const { measurement } = session;
    if (session.state.phase !== "measuring" && !measurement.isComplete) {
      if (isEngineBusy) session.state = { ...session.state, phase: "paused" };
      else this.#run(session);
    }
    const rows = measurement.plan.tensors.map(({ name, dtype, shape, elementCount, layer, module }) => ({
      name,
      dtype,
      shape,
      elementCount,
      layer,
      module,
    }));
    return { measure: session.state, rows, tensors: measurement.known };
  }

  cancel(id: string): void {
    if (this.#session?.measurement.id === id) this.#session.abort.abort(interrupted());
  }

  /** Gives the engine to an export; resolves when nothing is read any more. */
  async pause(): Promise<void> {
    const session = this.#session;
    if (session?.state.phase !== "measuring") return;
    session.abort.abort(interrupted());
    await session.atRest;
    this.#update(session, { phase: "paused", failure: null });
  }

  /** Goes on after `pause`. */
  resume(): void {
    if (this.#session?.state.phase === "paused") this.#run(this.#session);
  }

  async #sessionFor(request: MeasureRequest): Promise<Session> {
    const start = ++this.#latestStart;
    const asked = JSON.stringify(request);
    const isSame = this.#session?.request === asked && this.#session.measurement.isCurrent();
    if (isSame && this.#session !== null) return this.#session;
    this.#session?.abort.abort(interrupted());
    await this.#session?.atRest;
    const measurement = new Measurement(request, this.#services);
    const key = await recall(measurement, this.#store);
    // Two at once would both read; the one that was asked for last does.
    if (start !== this.#latestStart) throw interrupted();
    const bytesRead = measurement.bytesToRead - measurement.bytesLeft;
    const state: MeasureState = {
      id: measurement.id,
      phase: measurement.isComplete ? "done" : "cancelled",
      bytesRead,
      bytesToRead: measurement.bytesToRead,
      bytesPerSecond: null,
      secondsLeft: null,
      remembered: measurement.isComplete,
      failure: null,
    };
    this.#session = {
      request: asked,
      measurement,
      key,
      state,
      abort: new AbortController(),
      atRest: Promise.resolve(),
    };
    return this.#session;
  }

  #run(session: Session): void {
    session.abort = new AbortController();
    this.#update(session, { phase: "measuring", failure: null, bytesPerSecond: null, secondsLeft: null });
    session.atRest = this.#read(session);
  }

  async #read(session: Session): Promise<void> {
    const { measurement, key, abort } = session;
    const before = measurement.bytesToRead - measurement.bytesLeft;
    const throughput = new Throughput();
    const totals = { bytesToRead: measurement.bytesToRead - before, bytesToWrite: 0 };
    try {
      await measurement.run(abort.signal, (tensors, bytes) => {
        if (tensors.length > 0) this.#events.onTensors(measurement.id, tensors);
        const figures = throughput.next({ bytesRead: bytes, bytesWritten: 0 }, totals, performance.now());
        const { bytesPerSecond, secondsLeft } = figures;
        this.#update(session, { bytesRead: before + bytes, bytesPerSecond, secondsLeft });
      });
      this.#update(session, {
        phase: "done",
        bytesRead: measurement.bytesToRead,
        bytesPerSecond: null,
        secondsLeft: null,
      });
    } catch (error) {
      const failure = measureFailure(error);
      const wasCancelled = failure.code === "interrupted";
      const phase = wasCancelled ? "cancelled" : "failed";
      this.#update(session, { phase, failure: wasCancelled ? null : failure, bytesPerSecond: null, secondsLeft: null });
    }
    // What is remembered is a convenience: a full disk there must not fail the measuring.
    await this.#store.save(key, measurement.known).catch(() => undefined);
  }

  #update(session: Session, change: Partial<MeasureState>): void {
    session.state = { ...session.state, ...change };
    this.#events.onState(session.state);
  }
}
