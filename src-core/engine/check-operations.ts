import { bytesPerElement } from "../checkpoint/dtype.ts";
import { maximumScale, maximumVectorCount, minimumScale } from "../limits.ts";
import {
  type MeasureOperation,
  type MergeOperation,
  type Operand,
  operandAlignment,
  type SlotSize,
} from "./backend.ts";

export type { SlotSize };

/**
 * What every backend relies on: operands aligned and inside the slot, no more vectors than the kernel's table holds, λ an f32 in
 * its range. The planner and the pipeline see to it, so anything else is a bug: throws a RangeError.
 */
export function checkOperations(operations: readonly MergeOperation[], slot: SlotSize): void {
  checkCounts(operations, slot);
  for (const { elementCount, target, vectors, output } of operations) {
    checkOperand(target, elementCount, slot.inputBytes);
    checkOperand(output, elementCount, slot.outputBytes);
    for (const { scale, chat, base } of vectors) {
      checkScale(scale);
      checkOperand(chat, elementCount, slot.inputBytes);
      checkOperand(base, elementCount, slot.inputBytes);
    }
  }
}

/** The same for measuring, which takes one vector at least. */
export function checkMeasureOperations(operations: readonly MeasureOperation[], slot: SlotSize): void {
  checkCounts(operations, slot);
  for (const { elementCount, target, vectors } of operations) {
    if (vectors.length === 0) throw new RangeError("no vector to measure");
    if (target !== null) checkOperand(target, elementCount, slot.inputBytes);
    for (const { chat, base } of vectors) {
      checkOperand(chat, elementCount, slot.inputBytes);
      checkOperand(base, elementCount, slot.inputBytes);
    }
  }
}

function checkCounts(operations: readonly (MergeOperation | MeasureOperation)[], slot: SlotSize): void {
  if (operations.length > slot.operationCount) {
    throw new RangeError(`${operations.length} operations; a slot takes ${slot.operationCount}`);
  }
  for (const { elementCount, vectors } of operations) {
    if (!Number.isSafeInteger(elementCount) || elementCount < 0) throw new RangeError(`${elementCount} elements`);
    if (vectors.length > maximumVectorCount) throw new RangeError(`${vectors.length} vectors; at most 14`);
  }
}

function checkOperand({ dtype, byteOffset }: Operand, elementCount: number, byteLength: number): void {
  const end = byteOffset + elementCount * bytesPerElement(dtype);
  if (byteOffset < 0 || byteOffset % operandAlignment !== 0 || end > byteLength) {
    throw new RangeError(`${elementCount} ${dtype} elements at byte ${byteOffset} of a slot's ${byteLength}`);
  }
}

function checkScale(scale: number): void {
  const magnitude = Math.abs(scale);
  const isInRange = magnitude === 0 || (magnitude >= minimumScale && magnitude <= maximumScale);
  if (!isInRange || Math.fround(scale) !== scale) throw new RangeError(`λ = ${scale} is no f32 in range`);
}
