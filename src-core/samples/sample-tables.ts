import type { MergeableDtype } from "../checkpoint/dtype.ts";
import { decodeElement } from "../reference/decode.ts";
import { encodeElement } from "../reference/encode.ts";
import { normalQuantiles, quantileCount } from "./sample-random.ts";

/** Matrices are N(0, 0.02²), as Llamas are initialised; norm weights N(1, 0.1²). */
export const matrixDeviation = 0.02;
const normDeviation = 0.1;

/** A value for every 16-bit hash. */
export interface SampleTables {
  /** N(0, 1): what deltas are made of. */
  readonly standard: Float32Array;
  /** The base's values in matrices and in norms, rounded to the base's dtype. */
  readonly matrix: Float32Array;
  readonly norm: Float32Array;
}

const tablesOfDtype = new Map<MergeableDtype, SampleTables>();

/** The tables for a base of this dtype; made once, in 20 ms, and kept (768 KiB): every model of every triple shares them. */
export function sampleTables(baseDtype: MergeableDtype): SampleTables {
  const known = tablesOfDtype.get(baseDtype);
  if (known !== undefined) return known;
  const standard = Float32Array.from(normalQuantiles());
  const tables = {
    standard,
    matrix: roundedValues(standard, 0, matrixDeviation, baseDtype),
    norm: roundedValues(standard, 1, normDeviation, baseDtype),
  };
  tablesOfDtype.set(baseDtype, tables);
  return tables;
}

function roundedValues(standard: Float32Array, mean: number, deviation: number, dtype: MergeableDtype): Float32Array {
  const values = new Float32Array(quantileCount);
  for (let i = 0; i < quantileCount; i++) {
    const value = Math.fround(mean + deviation * (standard[i] as number));
    values[i] = decodeElement(dtype, encodeElement(dtype, value));
  }
  return values;
}
