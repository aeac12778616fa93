import type { Backend, MeasureOperation, MergeOperation, MergeResult, Operand, Slot } from "../engine/backend.ts";
import { checkMeasureOperations, checkOperations, type SlotSize } from "../engine/check-operations.ts";
import { type Elements, elementsOf } from "../reference/elements.ts";
import { measureElements } from "../reference/measure.ts";
import { mergeElements } from "../reference/merge.ts";
import type { TensorSums } from "../statistics/tensor-sums.ts";

/**
 * A backend over the plain reference: the truth that others are compared with, and a stand-in for them in tests.
 * Memory that a caller may no longer use is overwritten with 0xff (NaN in every dtype), so that using it shows.
 */
export function createReferenceBackend({ slotCount, ...size }: SlotSize & { readonly slotCount: number }): Backend {
  return {
    kind: "cpu",
    adapter: "reference",
    slotSize: size,
    slots: Array.from({ length: slotCount }, () => new ReferenceSlot(size)),
    // Plain memory does not go away.
    lost: new Promise<never>(() => {}),
    destroy: () => {},
  };
}

class ReferenceSlot implements Slot {
  readonly #size: SlotSize;
  readonly #input: Uint8Array;
  readonly #output: Uint8Array;
  #isPrepared = false;

  constructor(size: SlotSize) {
    this.#size = size;
    this.#input = new Uint8Array(size.inputBytes);
    this.#output = new Uint8Array(size.outputBytes);
  }

  async prepare(): Promise<Uint8Array> {
    this.#isPrepared = true;
    this.#output.fill(0xff);
    return this.#input;
  }

  async merge(operations: readonly MergeOperation[]): Promise<MergeResult> {
    if (!this.#isPrepared) throw new Error("merge() before prepare()");
    checkOperations(operations, this.#size);
    this.#isPrepared = false;
    const newNonFinite = operations.map((operation) => this.#run(operation));
    this.#input.fill(0xff);
    return { borrowedOutput: this.#output, newNonFinite };
  }

  async measure(operations: readonly MeasureOperation[]): Promise<readonly TensorSums[]> {
    if (!this.#isPrepared) throw new Error("measure() before prepare()");
    checkMeasureOperations(operations, this.#size);
    this.#isPrepared = false;
    const sums = operations.map(({ elementCount, target, vectors }) =>
      measureElements(
        elementCount,
        target && this.#read(target, elementCount),
        vectors.map(({ chat, base }) => ({
          chat: this.#read(chat, elementCount),
          base: this.#read(base, elementCount),
        })),
      ),
    );
    this.#input.fill(0xff);
    return sums;
  }

  #read({ dtype, byteOffset }: Operand, elementCount: number): Elements {
    return elementsOf(dtype, this.#input, byteOffset, elementCount);
  }

  #run({ elementCount, target, vectors, output }: MergeOperation): number {
    return mergeElements(
      elementCount,
      this.#read(target, elementCount),
      vectors.map(({ scale, chat, base }) => ({
        scale,
        chat: this.#read(chat, elementCount),
        base: this.#read(base, elementCount),
      })),
      elementsOf(output.dtype, this.#output, output.byteOffset, elementCount),
    );
  }
}
