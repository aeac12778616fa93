import type { CaseElements } from "./numeric-case.ts";

/** One run of elements whose sums are known. Operands that are the same object share their place in a slot. */
export interface MeasureCase {
  readonly name: string;
  readonly elementCount: number;
  readonly target: CaseElements | null;
  readonly vectors: readonly { readonly chat: CaseElements; readonly base: CaseElements }[];
}

export function operandsOf({ target, vectors }: MeasureCase): readonly CaseElements[] {
  const operands = vectors.flatMap(({ chat, base }) => [chat, base]);
  return target === null ? operands : [target, ...operands];
}
