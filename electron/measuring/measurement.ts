import { createHash, randomUUID } from "node:crypto";
import { plannedMeasureBytes } from "../../src-core/engine/planned-bytes.ts";
import { type Failure, failureOf, StudioError } from "../../src-core/errors.ts";
import { leastTrialBytes } from "../../src-core/limits.ts";
import type { MeasurePlan } from "../../src-core/plan/measure-plan.ts";
import { planMeasure } from "../../src-core/plan/plan-measure.ts";
import type { Problem } from "../../src-core/plan/problem.ts";
import { recipeSchema } from "../../src-core/recipe/recipe.ts";
import type { TensorStatistics } from "../../src-core/statistics/tensor-statistics.ts";
import type { MeasureRequest } from "../api/measuring.ts";
import type { Catalog, CatalogEntry } from "../checkpoints/catalog.ts";
import { contentIdentity } from "../checkpoints/content-identity.ts";
import { filesToStream } from "../checkpoints/planned-reading.ts";
import { refuseUnreadable } from "../closed/refuse-unexecutable.ts";
import type { EngineProcess } from "../engine/engine-process.ts";
import type { MeasurementStore } from "./measurement-store.ts";

export interface MeasurementServices {
  readonly catalog: Catalog;
  readonly engine: EngineProcess;
}

/** How often in a row the engine may be lost without one more tensor known; then it would be lost again. */
const maximumLosses = 2;

/** What is measured, and what is known of it so far. Reading can be stopped and go on. */
export class Measurement {
  readonly id = randomUUID();
  readonly plan: MeasurePlan;
  readonly problems: readonly Problem[];
  readonly bytesToRead: number;
  readonly #services: MeasurementServices;
  /** As they were opened when the pass was planned. */
  readonly #entries: readonly CatalogEntry[];
  readonly #known = new Map<string, TensorStatistics>();

  constructor(request: MeasureRequest, services: MeasurementServices) {
    const { plan, problems } = planMeasurement(request, services.catalog);
    refuseUnreadable(problems);
    this.plan = plan;
    this.problems = problems;
    this.bytesToRead = plannedMeasureBytes(plan, new Set());
    this.#services = services;
    this.#entries = plan.sources.map(({ checkpoint }) => services.catalog.get(checkpoint));
  }

  /** In the plan's order. */
  get known(): TensorStatistics[] {
    return this.plan.tensors.flatMap(({ name }) => this.#known.get(name) ?? []);
  }

  get isComplete(): boolean {
    return this.plan.tensors.every(({ name }) => this.#known.has(name));
  }

  get bytesLeft(): number {
    return plannedMeasureBytes(this.plan, new Set(this.#known.keys()));
  }

  /** The files are still those that were planned with. */
  isCurrent(): boolean {
    const { catalog } = this.#services;
    return this.#entries.every((entry) => catalog.get(entry.id) === entry);
  }

  /** Takes over what an earlier time has found. */
  remember(tensors: readonly TensorStatistics[]): void {
    const measured = new Set(this.plan.tensors.map(({ name }) => name));
    for (const statistics of tensors) if (measured.has(statistics.name)) this.#known.set(statistics.name, statistics);
  }

  /**
   * Measures what is not known yet, and goes on when the engine or its device is lost in the middle. Rejects with a StudioError;
   * what is known by then stays known. `onTensors` is told how much of what was left at the start has been read. Returns the bytes
   * that were read, those that a lost engine had read in vain among them.
   * A trace of the last engine's work is written to `tracePath`, where there is one.
   */
  async run(
    signal: AbortSignal,
    onTensors: (tensors: readonly TensorStatistics[], bytesRead: number) => void,
    tracePath?: string,
  ): Promise<number> {
    const leftAtStart = this.bytesLeft;
    let bytesRead = 0;
    for (let losses = 0; ; ) {
      const left = this.bytesLeft;
      let readInPass = 0;
      try {
        readInPass = await this.#pass(
          signal,
          (tensors, bytes) => {
            readInPass = bytes;
            onTensors(tensors, leftAtStart - left + bytes);
          },
          tracePath,
        );
        return bytesRead + readInPass;
      } catch (error) {
        losses = this.bytesLeft < left ? 1 : losses + 1;
        const wasLost = error instanceof StudioError && error.failure.code === "device-lost";
        if (!wasLost || losses > maximumLosses || signal.aborted) throw error;
        bytesRead += readInPass;
      }
    }
  }

  async #pass(
    signal: AbortSignal,
    onTensors: (tensors: readonly TensorStatistics[], bytesRead: number) => void,
    tracePath: string | undefined,
  ): Promise<number> {
    const { catalog, engine } = this.#services;
    const sources = await filesToStream(this.plan, catalog);
    const trace = tracePath === undefined ? {} : { tracePath };
    const command = { job: randomUUID(), plan: this.plan, sources, done: [...this.#known.keys()], ...trace };
    try {
      if (this.bytesLeft >= leastTrialBytes) {
        await engine.tryBackends({ work: { pass: "measure", plan: this.plan }, sources }, signal);
      }
      return await engine.measure(command, {
        signal,
        onTensors: (tensors, bytes) => {
          for (const statistics of tensors) this.#known.set(statistics.name, statistics);
          onTensors(tensors, bytes);
        },
      });
    } finally {
      await this.#refuseChangedSources();
    }
  }

  /** Stands for everything that the statistics depend on: the content of the files, and which elements meet. */
  key(): Promise<string> {
    return measurementKey(this.plan, this.#services.catalog);
  }

  /** Statistics of a file that changed under the pass would mix two models: none of them is kept. */
  async #refuseChangedSources(): Promise<void> {
    for (const { folder } of this.#entries) {
      const changed = await folder.firstChangedFile();
      if (changed === null) continue;
      this.#known.clear();
      throw new StudioError({
        code: "checkpoint-changed",
        what: "The file changed while it was measured",
        where: changed,
        advice: "Measure again; the model is then read anew",
      });
    }
  }
}

/** Stands for everything that statistics depend on: the content of the files, and which elements meet. */
export async function measurementKey({ sources, tensors }: MeasurePlan, catalog: Catalog): Promise<string> {
  const hash = createHash("sha256");
  for (const { checkpoint } of sources) {
    const entry = catalog.get(checkpoint);
    hash.update(`${await contentIdentity(entry.checkpoint, entry.folder)}\n`);
  }
  hash.update(JSON.stringify(tensors));
  return hash.digest("hex");
}

/** What is measured of models that are open. */
export function planMeasurement({ target, vectors, vocabulary }: MeasureRequest, catalog: Catalog) {
  const recipe = recipeSchema.parse({
    // Without a target the name is not looked at.
    target: target ?? vectors[0]?.base,
    vectors,
    ...(vocabulary === undefined ? {} : { vocabulary }),
  });
  return planMeasure({
    recipe,
    target: target === null ? null : catalog.get(target).checkpoint,
    vectors: vectors.map(({ chat, base }) => ({
      chat: catalog.get(chat).checkpoint,
      base: catalog.get(base).checkpoint,
    })),
    vocabularies: catalog.vocabularies(recipe),
  });
}

/** Loads what is remembered of the same files; a store that fails only forgets. */
export async function recall(measurement: Measurement, store: MeasurementStore): Promise<string> {
  const key = await measurement.key();
  measurement.remember(await store.load(key));
  return key;
}

export function measureFailure(error: unknown): Failure {
  return failureOf(error, "device-failed");
}
