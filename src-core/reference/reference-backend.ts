import type { Backend, MergeOperation, MergeResult, Operand, Slot } from "../engine/backend.ts";
import { checkOperations, type SlotSize } from "../engine/check-operations.ts";
import { type Elements, elementsOf } from "./elements.ts";
import { mergeElements } from "./merge.ts";

/**
 * A backend over the plain reference: the truth that others are compared with, and a stand-in for them in tests.
 * Memory that a caller may no longer use is overwritten with 0xff (NaN in every dtype), so that using it shows.
 */
export function createReferenceBackend({ slotCount, ...size }: SlotSize & { readonly slotCount: number }): Backend {
  return {
    kind: "cpu",
    adapter: "reference",
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

  #run({ elementCount, target, vectors, output }: MergeOperation): number {
    const read = (operand: Operand): Elements =>
      elementsOf(operand.dtype, this.#input, operand.byteOffset, elementCount);
    return mergeElements(
      elementCount,
      read(target),
      vectors.map(({ scale, chat, base }) => ({ scale, chat: read(chat), base: read(base) })),
      elementsOf(output.dtype, this.#output, output.byteOffset, elementCount),
    );
  }
}
