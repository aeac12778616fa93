import type { TensorStatistics } from "../../src-core/statistics/tensor-statistics.ts";
import type { MeasureRequest, MeasureStart, MeasureState } from "../api/measuring.ts";
import type { EngineTurns, EngineWork, WorkOwner } from "../engine/engine-turns.ts";
import { interrupted } from "../engine/interruption.ts";
import { Throughput } from "../engine/throughput.ts";
import { Measurement, type MeasurementServices, measureFailure, recall } from "./measurement.ts";
import type { MeasurementStore } from "./measurement-store.ts";

export interface MeasureEvents {
  onState(state: MeasureState): void;
  onTensors(measureId: string, tensors: readonly TensorStatistics[]): void;
}

interface Session {
  readonly request: string;
  readonly measurement: Measurement;
  readonly key: string;
  readonly work: EngineWork;
  state: MeasureState;
  abort: AbortController;
  /** The engine is wanted for something else: it goes on afterwards. */
  interrupted: boolean;
  /** Resolves when nothing is read any more. */
  atRest: Promise<unknown>;
}

/** One window's measuring: one at a time, in its turn, interrupted by exports, remembered between starts of the program. */
export class MeasureSessions {
  readonly #services: MeasurementServices;
  readonly #turns: EngineTurns;
  readonly #owner: WorkOwner;
  readonly #store: MeasurementStore;
  readonly #events: MeasureEvents;
  #session: Session | null = null;
  #latestStart = 0;

  constructor(
    services: MeasurementServices,
    { turns, owner }: { readonly turns: EngineTurns; readonly owner: WorkOwner },
    store: MeasurementStore,
    events: MeasureEvents,
  ) {
    this.#services = services;
    this.#turns = turns;
    this.#owner = owner;
    this.#store = store;
    this.#events = events;
  }

  /** Starts, or goes on with the same request, as soon as the engine is free. */
  async start(request: MeasureRequest): Promise<MeasureStart> {
    const session = await this.#sessionFor(request);
    const { measurement } = session;
    if (session.state.phase !== "measuring" && !measurement.isComplete) this.#turns.ask(session.work);
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
    const session = this.#session;
    if (session?.measurement.id === id) this.#stop(session);
  }

  /** Ends it for good; resolves when nothing is read any more. */
  async close(): Promise<void> {
    const session = this.#session;
    if (session === null) return;
    this.#latestStart++;
    this.#stop(session);
    await session.atRest;
  }

  #stop(session: Session): void {
    session.interrupted = false;
    session.abort.abort(interrupted());
    this.#turns.withdraw(session.work);
    if (this.#isPaused(session)) this.#update(session, { phase: "cancelled", waitsFor: null });
  }

  #isPaused({ state }: Session): boolean {
    return state.phase === "paused";
  }

  async #sessionFor(request: MeasureRequest): Promise<Session> {
    const start = ++this.#latestStart;
    const asked = JSON.stringify(request);
    const isSame = this.#session?.request === asked && this.#session.measurement.isCurrent();
    if (isSame && this.#session !== null) return this.#session;
    if (this.#session !== null) this.#stop(this.#session);
    await this.#session?.atRest;
    const measurement = new Measurement(request, this.#services);
    const key = await recall(measurement, this.#store);
    // Two at once would both read; the one that was asked for last does.
    if (start !== this.#latestStart) throw interrupted();
    const bytesRead = measurement.bytesToRead - measurement.bytesLeft;
    const state: MeasureState = {
      id: measurement.id,
      phase: measurement.isComplete ? "done" : "cancelled",
      waitsFor: null,
      bytesRead,
      bytesToRead: measurement.bytesToRead,
      bytesPerSecond: null,
      secondsLeft: null,
      remembered: measurement.isComplete,
      failure: null,
    };
    const session: Session = {
      request: asked,
      measurement,
      key,
      work: {
        kind: "measuring",
        owner: this.#owner,
        run: () => {
          const running = this.#run(session);
          session.atRest = running;
          return running;
        },
        interrupt: () => {
          session.interrupted = true;
          session.abort.abort(interrupted());
        },
        onWaiting: (waitsFor) =>
          this.#update(session, { phase: "paused", waitsFor, bytesPerSecond: null, secondsLeft: null }),
      },
      state,
      abort: new AbortController(),
      interrupted: false,
      atRest: Promise.resolve(),
    };
    this.#session = session;
    return session;
  }

  async #run(session: Session): Promise<"over" | "again"> {
    const hasWaited = session.state.phase === "paused";
    session.abort = new AbortController();
    session.interrupted = false;
    this.#update(session, {
      phase: "measuring",
      waitsFor: null,
      failure: null,
      bytesPerSecond: null,
      secondsLeft: null,
    });
    if (!hasWaited || !(await this.#recallMore(session))) await this.#read(session);
    return this.#isPaused(session) ? "again" : "over";
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
      const phase = !wasCancelled ? "failed" : session.interrupted ? "paused" : "cancelled";
      this.#update(session, { phase, failure: wasCancelled ? null : failure, bytesPerSecond: null, secondsLeft: null });
    }
    // What is remembered is a convenience: a full disk there must not fail the measuring.
    await this.#store.save(key, measurement.known).catch(() => undefined);
  }

  /** Another window may have measured the same files meanwhile. True where nothing is left to read. */
  async #recallMore(session: Session): Promise<boolean> {
    const { measurement, key } = session;
    const before = measurement.known.length;
    measurement.remember(await this.#store.load(key));
    if (measurement.known.length > before) this.#events.onTensors(measurement.id, measurement.known);
    if (!measurement.isComplete) return false;
    this.#update(session, { phase: "done", bytesRead: measurement.bytesToRead, remembered: before === 0 });
    return true;
  }

  #update(session: Session, change: Partial<MeasureState>): void {
    session.state = { ...session.state, ...change };
    this.#events.onState(session.state);
  }
}
