import type { MergeableDtype } from "../checkpoint/dtype.ts";

/** Elements as their bit patterns, one in each entry whatever the dtype's width. */
export interface CaseElements {
  readonly dtype: MergeableDtype;
  readonly bits: Uint32Array;
}

/** One merge whose result is known. */
export interface NumericCase {
  readonly name: string;
  readonly elementCount: number;
  readonly target: CaseElements;
  readonly vectors: readonly { readonly scale: number; readonly chat: CaseElements; readonly base: CaseElements }[];
  readonly outputDtype: MergeableDtype;
}
