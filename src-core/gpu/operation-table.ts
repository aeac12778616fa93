import type { MergeableDtype } from "../checkpoint/dtype.ts";
import { type MergeOperation, operandAlignment } from "../engine/backend.ts";
import { maximumVectorCount } from "../limits.ts";

/** The struct Operation of shaders/operation.wgsl; also the alignment of a dynamic uniform offset. */
export const operationBytes = 256;
/** The struct Counters of shaders/operation.wgsl: deferred groups, new non-finite values. */
export const counterBytes = 8;

/** As numbered in shaders/operation.wgsl. */
export const dtypeNumbers = { F32: 0, F16: 1, BF16: 2 } as const satisfies Record<MergeableDtype, number>;
const anyDtypeNumber = 3;

/** The number of the dtype that all of them have, or else of any. */
export function commonDtypeNumber(dtypes: readonly MergeableDtype[]): number {
  const [first, ...others] = dtypes;
  if (first === undefined) return dtypeNumbers.F32;
  return others.every((dtype) => dtype === first) ? dtypeNumbers[first] : anyDtypeNumber;
}

const headerWords = 8;
const vectorWords = 4;

/** Lays operations out as the kernels read them: one after another, `operationBytes` each. */
export function packOperations(operations: readonly MergeOperation[]): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array((operations.length * operationBytes) / 4);
  operations.forEach((operation, index) => {
    packOperation(operation, index, words.subarray((index * operationBytes) / 4, ((index + 1) * operationBytes) / 4));
  });
  return words;
}

function packOperation(operation: MergeOperation, index: number, words: Uint32Array): void {
  const { elementCount, target, vectors, output } = operation;
  if (vectors.length > maximumVectorCount) throw new RangeError(`${vectors.length} vectors`);
  words.set([
    elementCount,
    vectors.length,
    target.byteOffset / operandAlignment,
    output.byteOffset / operandAlignment,
    dtypeNumbers[target.dtype],
    dtypeNumbers[output.dtype],
    index,
    vectors.some(({ scale }) => scale === 0) ? 1 : 0,
  ]);
  const scale = new DataView(new ArrayBuffer(4));
  vectors.forEach((vector, v) => {
    scale.setFloat32(0, vector.scale);
    words.set(
      [
        vector.chat.byteOffset / operandAlignment,
        vector.base.byteOffset / operandAlignment,
        dtypeNumbers[vector.chat.dtype] | (dtypeNumbers[vector.base.dtype] << 8),
        scale.getUint32(0),
      ],
      headerWords + v * vectorWords,
    );
  });
}
