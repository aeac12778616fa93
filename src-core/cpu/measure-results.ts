import type { MeasureOperation } from "../engine/backend.ts";
import { maximumVectorCount } from "../limits.ts";
import {
  histogramBinCount,
  type NonFiniteElement,
  type PairSums,
  type TensorSums,
  type VectorSums,
} from "../statistics/tensor-sums.ts";

/** As src-core/cpu/kernels/measure-result.ts lays an operation's result out, in bytes. */
const headBytes = 32;
const vectorBytes = 640;
const pairBytes = 24;
const targetPlace = 24;
const zeroCountPlace = 64;
const histogramPlace = 128;

const roles = ["target", "chat", "base"] as const;

/** Bytes of one result, a multiple of 8. */
export function measureResultBytes(vectorCount: number): number {
  return headBytes + vectorCount * vectorBytes + pairCountOf(vectorCount) * pairBytes;
}

/** Bytes for the results of so many operations, whatever they are. */
export function measureResultsBytes(operationCount: number): number {
  return operationCount * measureResultBytes(maximumVectorCount);
}

/** Copies what the kernel left for an operation at `address`. */
export function readMeasureResult(
  memory: ArrayBufferLike,
  address: number,
  { vectors }: Pick<MeasureOperation, "vectors">,
): TensorSums {
  const view = new DataView(memory, address, measureResultBytes(vectors.length));
  const pairsStart = headBytes + vectors.length * vectorBytes;
  const nonFiniteCount = view.getUint32(4, true);
  return {
    elementCount: view.getUint32(0, true),
    nonFiniteCount,
    firstNonFinite: nonFiniteCount === 0 ? null : readNonFinite(view),
    target: view.getFloat64(targetPlace, true),
    vectors: vectors.map((_, v) => readVector(memory, address + headBytes + v * vectorBytes)),
    pairs: Array.from({ length: pairCountOf(vectors.length) }, (_, pair) =>
      readPair(view, pairsStart + pair * pairBytes),
    ),
  };
}

function pairCountOf(vectorCount: number): number {
  return (vectorCount * (vectorCount - 1)) / 2;
}

function readNonFinite(view: DataView): NonFiniteElement {
  const role = roles[view.getUint32(12, true)];
  if (role === undefined) throw new Error("a kernel named no role");
  return { index: view.getUint32(8, true), role, vector: view.getUint32(16, true) };
}

function readVector(memory: ArrayBufferLike, address: number): VectorSums {
  const view = new DataView(memory, address, vectorBytes);
  const sum = (index: number) => view.getFloat64(8 * index, true);
  return {
    base: sum(0),
    chat: sum(1),
    vector: sum(2),
    shift: sum(3),
    targetVector: sum(4),
    shiftVector: sum(5),
    absolute: sum(6),
    maximum: sum(7),
    zeroCount: view.getUint32(zeroCountPlace, true),
    histogram: Uint32Array.from(new Uint32Array(memory, address + histogramPlace, histogramBinCount)),
  };
}

function readPair(view: DataView, place: number): PairSums {
  return {
    vectors: view.getFloat64(place, true),
    shiftOfFirst: view.getFloat64(place + 8, true),
    shiftOfSecond: view.getFloat64(place + 16, true),
  };
}
