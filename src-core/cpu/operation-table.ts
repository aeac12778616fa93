import type { MergeableDtype } from "../checkpoint/dtype.ts";
import type { MeasureOperation, MergeOperation, Operand } from "../engine/backend.ts";

/** One operation as src-core/cpu/kernels/operation.ts reads it. */
export const operationBytes = 512;

/** As numbered in src-core/cpu/kernels/elements.ts. */
export const dtypeNumbers = { F32: 0, F16: 1, BF16: 2 } as const satisfies Record<MergeableDtype, number>;

/** In 32-bit words. */
const targetWord = 2;
export const outputWord = 4;
export const newNonFiniteWord = 6;
const headWords = 8;
const vectorWords = 8;

/** A slot's places in the kernels' memory: absolute addresses, in bytes. */
export interface SlotAddresses {
  readonly table: number;
  readonly input: number;
  readonly output: number;
  /** Of what measuring finds. */
  readonly results: number;
}

/** Writes the operations' records to the slot's table. */
export function writeMergeOperations(
  memory: ArrayBufferLike,
  addresses: SlotAddresses,
  operations: readonly MergeOperation[],
): void {
  for (const [index, { elementCount, target, vectors, output }] of operations.entries()) {
    const words = recordOf(memory, addresses, index);
    words.set([elementCount, vectors.length]);
    setOperand(words, targetWord, target, addresses.input);
    setOperand(words, outputWord, output, addresses.output);
    words[newNonFiniteWord] = 0;
    for (const [v, { scale, chat, base }] of vectors.entries()) {
      const vector = vectorOf(words, v);
      setOperand(vector, 0, chat, addresses.input);
      setOperand(vector, 2, base, addresses.input);
      vector[4] = bitsOf(scale);
      vector[5] = leastDifferenceBits(scale);
    }
  }
}

/** Where an operation's record has the addresses of its operands, each followed by its dtype: the target's where there is one, then chat and base. */
export function operandWordsOf(record: Uint32Array): number[] {
  const words = record[targetWord] === 0 ? [] : [targetWord];
  for (let v = 0; v < (record[1] ?? 0); v++) words.push(headWords + v * vectorWords, headWords + v * vectorWords + 2);
  return words;
}

/** Bytes of an element of a merge operation's output. */
export function outputWidthOf(record: Uint32Array): number {
  return record[outputWord + 1] === dtypeNumbers.F32 ? 4 : 2;
}

/** What the kernel left in the records: outputs that are NaN or infinite where the target was finite. */
export function readNewNonFinite(memory: ArrayBufferLike, addresses: SlotAddresses, operationCount: number): number[] {
  return Array.from({ length: operationCount }, (_, index) => {
    return recordOf(memory, addresses, index)[newNonFiniteWord] ?? 0;
  });
}

/** Writes records of which each has its own `resultAddresses`. A target that is none has the address 0. */
export function writeMeasureOperations(
  memory: ArrayBufferLike,
  addresses: SlotAddresses,
  operations: readonly MeasureOperation[],
  resultAddresses: readonly number[],
): void {
  for (const [index, { elementCount, target, vectors }] of operations.entries()) {
    const words = recordOf(memory, addresses, index);
    words.set([elementCount, vectors.length]);
    if (target === null) words[targetWord] = 0;
    else setOperand(words, targetWord, target, addresses.input);
    words[outputWord] = resultAddresses[index] ?? 0;
    for (const [v, { chat, base }] of vectors.entries()) {
      const vector = vectorOf(words, v);
      setOperand(vector, 0, chat, addresses.input);
      setOperand(vector, 2, base, addresses.input);
    }
  }
}

/**
 * The least |chat − base| ≠ 0, as an f32's bits, whose product with the scale is not rounded below f32's normal range: 2^-126 / |scale|,
 * with the scale's power of two alone. 0 where none is: a product with 0 or ±1 is exact.
 */
export function leastDifferenceBits(scale: number): number {
  const magnitude = Math.abs(scale);
  if (magnitude === 0 || magnitude === 1) return 0;
  const exponent = ((bitsOf(magnitude) >>> 23) & 0xff) - 127;
  return bitsOf(2 ** (-126 - exponent));
}

function recordOf(memory: ArrayBufferLike, { table }: SlotAddresses, index: number): Uint32Array {
  return new Uint32Array(memory, table + index * operationBytes, operationBytes / 4);
}

function vectorOf(words: Uint32Array, index: number): Uint32Array {
  return words.subarray(headWords + index * vectorWords, headWords + (index + 1) * vectorWords);
}

function setOperand(words: Uint32Array, word: number, { dtype, byteOffset }: Operand, start: number): void {
  words[word] = start + byteOffset;
  words[word + 1] = dtypeNumbers[dtype];
}

function bitsOf(f32: number): number {
  float32.setFloat32(0, f32);
  return float32.getUint32(0);
}

const float32 = new DataView(new ArrayBuffer(4));
