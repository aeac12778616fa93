import { type MeasureOperation, operandAlignment } from "../engine/backend.ts";
import type { SlotSize } from "../engine/check-operations.ts";
import { maximumVectorCount } from "../limits.ts";
import { histogramBinCount } from "../statistics/tensor-sums.ts";
import { dtypeNumbers, operationBytes } from "./operation-table.ts";

/** As numbered in shaders/measure-operation.wgsl. */
export const noTargetNumber = 4;

/** Elements that the kernels take at a time. */
export const groupElements = 8;

/** Where the words of a tile lie, as in shaders/measure-operation.wgsl; units are words of four bytes. */
export const partialWords = {
  tileHeader: 4,
  nonFiniteCount: 0,
  firstNonFinite: 1,
  vector: 16 + histogramBinCount,
  maximum: 8,
  shifts: 9,
  histogram: 16,
  pair: 4,
} as const;

/** Words of one tile. */
export function tileWords(vectorCount: number): number {
  return (
    partialWords.tileHeader +
    partialWords.vector * vectorCount +
    partialWords.pair * ((vectorCount * (vectorCount - 1)) / 2)
  );
}

/** Where the tiles of one operation lie in the partials. */
export interface MeasureExtent {
  readonly wordOffset: number;
  readonly tileCount: number;
}

export interface MeasureLayout {
  /** One for each operation. */
  readonly extents: readonly MeasureExtent[];
  readonly wordCount: number;
  readonly tileCount: number;
}

export function layOutMeasures(operations: readonly MeasureOperation[], tileElements: number): MeasureLayout {
  let wordCount = 0;
  let tileCount = 0;
  const extents = operations.map(({ elementCount, vectors }) => {
    const extent = { wordOffset: wordCount, tileCount: Math.ceil(elementCount / tileElements) };
    wordCount += extent.tileCount * tileWords(vectors.length);
    tileCount += extent.tileCount;
    return extent;
  });
  return { extents, wordCount, tileCount };
}

/**
 * Tiles that suffice for any operations of a slot that read its bytes once each: at worst 16-bit elements of one model that
 * stands for all, and every operation ending in a tile that it does not fill.
 */
export function largestTileCount({ inputBytes, operationCount }: SlotSize, tileElements: number): number {
  return operationCount + Math.ceil(inputBytes / 2 / tileElements);
}

/** Bytes of partials that suffice likewise; the most for their input take 14 vectors of a common base. */
export function largestPartialsBytes({ inputBytes, operationCount }: SlotSize, tileElements: number): number {
  const bytesPerElement = 2 * (maximumVectorCount + 1);
  const tiles = operationCount + Math.ceil(inputBytes / bytesPerElement / tileElements);
  return 4 * tiles * tileWords(maximumVectorCount);
}

const headerWords = 8;
const vectorWords = 4;

/** Lays operations out as shaders/measure-operation.wgsl reads them: one after another, `operationBytes` each. */
export function packMeasureOperations(
  operations: readonly MeasureOperation[],
  extents: readonly MeasureExtent[],
): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array((operations.length * operationBytes) / 4);
  operations.forEach(({ elementCount, target, vectors }, index) => {
    const start = (index * operationBytes) / 4;
    words.set(
      [
        elementCount,
        vectors.length,
        target === null ? 0 : target.byteOffset / operandAlignment,
        target === null ? noTargetNumber : dtypeNumbers[target.dtype],
        extents[index]?.wordOffset ?? 0,
        index,
      ],
      start,
    );
    vectors.forEach(({ chat, base }, v) => {
      words.set(
        [
          chat.byteOffset / operandAlignment,
          base.byteOffset / operandAlignment,
          dtypeNumbers[chat.dtype] | (dtypeNumbers[base.dtype] << 8),
        ],
        start + headerWords + v * vectorWords,
      );
    });
  });
  return words;
}
