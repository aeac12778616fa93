import type { ByteSource } from "../checkpoint/byte-source.ts";
import type { MeasurePlan } from "../plan/measure-plan.ts";
import { measureElements } from "../reference/measure.ts";
import { StatisticsBuilder, type TensorStatistics } from "../statistics/tensor-statistics.ts";
import type { TensorSums } from "../statistics/tensor-sums.ts";
import type { Backend, MeasureOperation, Slot } from "./backend.ts";
import { FilePace } from "./file-pace.ts";
import { canReadFiles, failureOfThread, fileReadsOf } from "./file-reads.ts";
import { InOrder } from "./in-order.ts";
import { type BatchRead, fileBytesOf } from "./input-packer.ts";
import {
  type MeasureBatch,
  type MeasuredPart,
  type MeasureLimits,
  measureBatchesOf,
  type PreciseMeasure,
} from "./measure-batches.ts";
import { readPart } from "./precise.ts";
import { readAll } from "./read-all.ts";
import { runSlots, type SlotOptions } from "./run-slots.ts";

export interface MeasureOptions extends SlotOptions {
  readonly limits: MeasureLimits;
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
  const run = new MeasureRun(plan, sources, backend, options);
  await runSlots(backend.slots, options, (slot) => run.round(slot));
  return { bytesRead: run.bytesRead };
}

class MeasureRun {
  bytesRead = 0;
  readonly #plan: MeasurePlan;
  readonly #sources: readonly (readonly ByteSource[])[];
  readonly #options: MeasureOptions;
  readonly #batches: Iterator<MeasureBatch | PreciseMeasure, void, undefined>;
  readonly #unfinished = new Map<number, InOrder<MeasuredSums>>();
  readonly #pace = new FilePace();

  constructor(
    plan: MeasurePlan,
    sources: readonly (readonly ByteSource[])[],
    backend: Backend,
    options: MeasureOptions,
  ) {
    const canReadThemselves = canReadFiles(backend, sources);
    this.#plan = plan;
    this.#sources = sources;
    this.#options = options;
    const fileBytes = () => (canReadThemselves && this.#pace.next() ? (backend.fileRoundBytes ?? 0) : 0);
    this.#batches = measureBatchesOf(plan, { ...options.limits, fileBytes }, options.done);
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
    const batch = next.value;
    const measured = await this.#measure(slot, batch);
    for (const read of batch.reads) this.bytesRead += fileBytesOf(read);
    measured.forEach((sums, index) => {
      const [part, operation] = [batch.parts[index], batch.operations[index]];
      if (part === undefined || operation === undefined) throw new RangeError("sums without an operation");
      this.#add(part, operation.elementCount, sums);
    });
    this.#options.onProgress(this.bytesRead);
    return true;
  }

  async #measure(slot: Slot, { isOfFiles, reads, operations }: MeasureBatch): Promise<readonly TensorSums[]> {
    const withVectors = operations.map((operation) => withVector(operation));
    if (isOfFiles) return await this.#measureFiles(slot, reads, withVectors);
    const input = await slot.prepare();
    await readAll(reads, this.#sources, input);
    return await slot.measure(withVectors);
  }

  async #measureFiles(
    slot: Slot,
    reads: readonly BatchRead[],
    operations: readonly MeasureOperation[],
  ): Promise<readonly TensorSums[]> {
    const fileReads = fileReadsOf(reads, this.#sources);
    try {
      const measured = await slot.measureFiles?.(fileReads, operations);
      if (measured === undefined) throw new RangeError("a slot that reads no files");
      const byteLength = reads.reduce((sum, read) => sum + read.byteLength, 0);
      this.#pace.note(byteLength, measured.readMilliseconds);
      return measured.sums;
    } catch (error) {
      throw await failureOfThread(error, reads, this.#sources);
    }
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
    this.#add(part, precise.elementCount, measureElements(precise.elementCount, target, pairs));
    this.bytesRead += bytesRead;
    this.#options.onProgress(this.bytesRead);
  }

  /** In the order of the elements, so that the sums are the same to the last bit each time. */
  #add(part: MeasuredPart, elementCount: number, sums: TensorSums): void {
    const tensor = this.#tensor(part.tensor);
    let unfinished = this.#unfinished.get(part.tensor);
    if (unfinished === undefined) {
      const { vectorNames, hasTarget } = this.#plan;
      const builder = new StatisticsBuilder(tensor, vectorNames.length, hasTarget);
      unfinished = new InOrder((measured) => {
        builder.add(measured.sums, measured.part.elementOffset, measured.part.vectors);
        if (measured.end < tensor.elementCount) return;
        this.#unfinished.delete(part.tensor);
        this.#options.onTensor(builder.finish());
      });
      this.#unfinished.set(part.tensor, unfinished);
    }
    const end = part.elementOffset + elementCount;
    unfinished.add(part.elementOffset, elementCount, { part, sums, end });
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

interface MeasuredSums {
  readonly part: MeasuredPart;
  readonly sums: TensorSums;
  /** Of the elements that they are of. */
  readonly end: number;
}

type Operation = MeasureBatch["operations"][number];

/** A backend measures vectors; where only the target is measured it stands in for both models of one, whose sums nobody takes. */
function withVector(operation: Operation): Operation {
  const { target, vectors } = operation;
  if (vectors.length > 0 || target === null) return operation;
  return { ...operation, vectors: [{ chat: target, base: target }] };
}
