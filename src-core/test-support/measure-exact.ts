import {
  histogramBinCount,
  histogramBinOf,
  type NonFiniteElement,
  type PairSums,
  type TensorSums,
} from "../statistics/tensor-sums.ts";
import { abs, type Element, type Exact, elementOf, nearestBits, times, toNumber } from "./exact.ts";
import type { MeasureCase } from "./measure-case.ts";

/** One element's exact values. */
interface Values {
  readonly target: Exact;
  readonly vectors: readonly {
    readonly chat: Exact;
    readonly base: Exact;
    readonly tau: Exact;
    readonly sigma: Exact;
  }[];
}

/** A case's sums without any rounding but the last, to float64; independent of the code under test. Some µs an element. */
export function exactSums({ elementCount, target, vectors }: MeasureCase): TensorSums {
  const finite: Values[] = [];
  let firstNonFinite: NonFiniteElement | null = null;
  for (let index = 0; index < elementCount; index++) {
    const targetElement = target && elementOf(target.dtype, target.bits[index] ?? 0);
    const pairs = vectors.map(({ chat, base }) => ({
      chat: elementOf(chat.dtype, chat.bits[index] ?? 0),
      base: elementOf(base.dtype, base.bits[index] ?? 0),
    }));
    const culprit = nonFiniteOf(index, targetElement, pairs);
    if (culprit === null) finite.push(valuesOf(targetElement, pairs));
    else firstNonFinite ??= culprit;
  }
  return {
    elementCount: finite.length,
    nonFiniteCount: elementCount - finite.length,
    firstNonFinite,
    target: total(finite, (values) => times(values.target, values.target)),
    vectors: vectors.map((_, v) => {
      const own = finite.map((values) => ({ kept: values.target, ...at(values.vectors, v) }));
      return {
        base: total(own, ({ base }) => times(base, base)),
        chat: total(own, ({ chat }) => times(chat, chat)),
        vector: total(own, ({ tau }) => times(tau, tau)),
        shift: total(own, ({ sigma }) => times(sigma, sigma)),
        targetVector: total(own, ({ kept, tau }) => times(kept, tau)),
        shiftVector: total(own, ({ sigma, tau }) => times(sigma, tau)),
        absolute: total(own, ({ tau }) => abs(tau)),
        ...distribution(own.map(({ tau }) => abs(tau))),
      };
    }),
    pairs: pairIndices(vectors.length).map(([v, w]) => pairSums(finite, v, w)),
  };
}

function nonFiniteOf(
  index: number,
  target: Element | null,
  pairs: readonly { readonly chat: Element; readonly base: Element }[],
): NonFiniteElement | null {
  if (target !== null && target.kind !== "finite") return { index, role: "target", vector: 0 };
  for (const [vector, { chat, base }] of pairs.entries()) {
    if (chat.kind !== "finite") return { index, role: "chat", vector };
    if (base.kind !== "finite") return { index, role: "base", vector };
  }
  return null;
}

function valuesOf(
  target: Element | null,
  pairs: readonly { readonly chat: Element; readonly base: Element }[],
): Values {
  return {
    target: target?.value ?? 0n,
    vectors: pairs.map(({ chat, base }) => ({
      chat: chat.value,
      base: base.value,
      tau: chat.value - base.value,
      sigma: target === null ? 0n : target.value - base.value,
    })),
  };
}

/** max |τ|, zeros and the histogram, from |τ|. */
function distribution(magnitudes: readonly Exact[]) {
  const histogram = new Uint32Array(histogramBinCount);
  let zeroCount = 0;
  let maximum = 0n;
  for (const magnitude of magnitudes) {
    if (magnitude > maximum) maximum = magnitude;
    if (magnitude === 0n) zeroCount++;
    else {
      const bin = histogramBinOf(nearestBits("F32", magnitude));
      histogram[bin] = (histogram[bin] ?? 0) + 1;
    }
  }
  return { maximum: f32ValueOf(nearestBits("F32", maximum)), zeroCount, histogram };
}

function f32ValueOf(f32Bits: number): number {
  const { kind, value } = elementOf("F32", f32Bits);
  return kind === "finite" ? toNumber(value) : Number.POSITIVE_INFINITY;
}

function pairSums(finite: readonly Values[], v: number, w: number): PairSums {
  const both = finite.map(({ vectors }) => [at(vectors, v), at(vectors, w)] as const);
  return {
    vectors: total(both, ([first, second]) => times(first.tau, second.tau)),
    shiftOfFirst: total(both, ([first, second]) => times(first.sigma, second.tau)),
    shiftOfSecond: total(both, ([first, second]) => times(second.sigma, first.tau)),
  };
}

/** (0,1), (0,2), …, (1,2), … */
export function pairIndices(vectorCount: number): readonly (readonly [number, number])[] {
  const indices: [number, number][] = [];
  for (let v = 0; v < vectorCount; v++) for (let w = v + 1; w < vectorCount; w++) indices.push([v, w]);
  return indices;
}

function total<T>(items: readonly T[], term: (item: T) => Exact): number {
  let sum = 0n;
  for (const item of items) sum += term(item);
  return toNumber(sum);
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  if (item === undefined) throw new RangeError(`${index} of ${items.length}`);
  return item;
}
