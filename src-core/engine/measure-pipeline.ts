import type { ByteSource } from "../checkpoint/byte-source.ts";
import type { MeasurePlan } from "../plan/measure-plan.ts";
import { measureElements } from "../reference/measure.ts";
import { StatisticsBuilder, type TensorStatistics } from "../statistics/tensor-statistics.ts";
import type { Backend, Slot } from "./backend.ts";
import { fileBytesOf } from "./input-packer.ts";
import {
  type MeasureBatch,
  type MeasuredPart,
  type MeasureLimits,
  measureBatchesOf,
  type PreciseMeasure,
} from "./measure-batches.ts";
import { readPart } from "./precise.ts";
import { readAll } from "./read-all.ts";
import { runSlots } from "./run-slots.ts";

export interface MeasureOptions {
  readonly limits: MeasureLimits;
  readonly signal: AbortSignal;
  /** Names of tensors that an earlier, interrupted run has finished. */
  readonly done: ReadonlySet<string>;
  /** Called once for each tensor, as soon as all of it is measured. */
  readonly onTensor: (statistics: TensorStatistics) => void;
  readonly onProgress: (bytesRead: number) => void;
}

/**
 * Reads every byte of the plan's tensors once and finds their statistics, all slots of the backend at work. Rejects with the
 * first failure (or the signal's reason) after every slot has come to rest; tensors told by then are good.
 */
export async function runMeasure(
  plan: MeasurePlan,
  sources: readonly (readonly ByteSource[])[],
  backend: Backend,
  options: MeasureOptions,
): Promise<{ readonly bytesRead: number }> {
  const run = new MeasureRun(plan, sources, options);
  await runSlots(backend.slots, options.signal, (slot) => run.round(slot));
  return { bytesRead: run.bytesRead };
}

class MeasureRun {
  bytesRead = 0;
  readonly #plan: MeasurePlan;
  readonly #sources: readonly (readonly ByteSource[])[];
  readonly #options: MeasureOptions;
  readonly #batches: Iterator<MeasureBatch | PreciseMeasure, void, undefined>;
  readonly #unfinished = new Map<number, { readonly builder: StatisticsBuilder; elementsLeft: number }>();

  constructor(plan: MeasurePlan, sources: readonly (readonly ByteSource[])[], options: MeasureOptions) {
    this.#plan = plan;
    this.#sources = sources;
    this.#options = options;
    this.#batches = measureBatchesOf(plan, options.limits, options.done);
    this.#tellEmptyTensors();
  }

  /** One batch on one slot; false when there is none left. */
  async round(slot: Slot): Promise<boolean> {
    const next = this.#batches.next();
    if (next.done === true) return false;
    if ("precise" in next.value) {
      await this.#measurePrecisely(next.value);
      return true;
    }
    const { reads, operations, parts } = next.value;
    const input = await slot.prepare();
    await readAll(reads, this.#sources, input);
    for (const read of reads) this.bytesRead += fileBytesOf(read);
    const measured = await slot.measure(operations.map((operation) => withVector(operation)));
    measured.forEach((sums, index) => {
      const [part, operation] = [parts[index], operations[index]];
      if (part === undefined || operation === undefined) throw new RangeError("sums without an operation");
      this.#builderOf(part).builder.add(sums, part.elementOffset, part.vectors);
      this.#finish(part, operation.elementCount);
    });
    this.#options.onProgress(this.bytesRead);
    return true;
  }

  async #measurePrecisely({ tensor, span, precise }: PreciseMeasure): Promise<void> {
    const { values, bytesRead } = await readPart(precise, this.#sources);
    const [target = null] = this.#tensor(tensor).target === null ? [] : values;
    const others = target === null ? values : values.slice(1);
    const pairs = span.vectors.map((_, vector) => {
      const [chat, base] = others.slice(2 * vector, 2 * vector + 2);
      if (chat === undefined || base === undefined) throw new RangeError(`no values for vector ${vector}`);
      return { chat, base };
    });
    const elementOffset = span.elementOffset + precise.start;
    const part = { tensor, elementOffset, vectors: span.vectors.map(({ vector }) => vector) };
    const sums = measureElements(precise.elementCount, target, pairs);
    this.#builderOf(part).builder.add(sums, elementOffset, part.vectors);
    this.#finish(part, precise.elementCount);
    this.bytesRead += bytesRead;
    this.#options.onProgress(this.bytesRead);
  }

  #builderOf({ tensor }: MeasuredPart) {
    let unfinished = this.#unfinished.get(tensor);
    if (unfinished === undefined) {
      const planned = this.#tensor(tensor);
      const { vectorNames, hasTarget } = this.#plan;
      const elementsLeft = planned.spans.reduce((sum, { elementCount }) => sum + elementCount, 0);
      unfinished = { builder: new StatisticsBuilder(planned, vectorNames.length, hasTarget), elementsLeft };
      this.#unfinished.set(tensor, unfinished);
    }
    return unfinished;
  }

  #finish(part: MeasuredPart, elementCount: number): void {
    const unfinished = this.#builderOf(part);
    unfinished.elementsLeft -= elementCount;
    if (unfinished.elementsLeft > 0) return;
    this.#unfinished.delete(part.tensor);
    this.#options.onTensor(unfinished.builder.finish());
  }

  /** A tensor of no elements is in no batch; its statistics are known. */
  #tellEmptyTensors(): void {
    const { tensors, vectorNames, hasTarget } = this.#plan;
    for (const tensor of tensors) {
      if (tensor.elementCount > 0 || this.#options.done.has(tensor.name)) continue;
      this.#options.onTensor(new StatisticsBuilder(tensor, vectorNames.length, hasTarget).finish());
    }
  }

  #tensor(index: number) {
    const tensor = this.#plan.tensors[index];
    if (tensor === undefined) throw new RangeError(`no tensor ${index}`);
    return tensor;
  }
}

type Operation = MeasureBatch["operations"][number];

/** A backend measures vectors; where only the target is measured it stands in for both models of one, whose sums nobody takes. */
function withVector(operation: Operation): Operation {
  const { target, vectors } = operation;
  if (vectors.length > 0 || target === null) return operation;
  return { ...operation, vectors: [{ chat: target, base: target }] };
}
