import type { MergeableDtype } from "../checkpoint/dtype.ts";
import {
  abs,
  type Element,
  type Exact,
  elementOf,
  exactScale,
  halfUlp,
  type Kind,
  nearestBits,
  overflowThreshold,
  relativeToleranceExponent,
  times,
  toNumber,
} from "./exact.ts";
import type { CaseElements, NumericCase } from "./numeric-case.ts";

/** What one output element is held to. */
interface Verdict {
  /** 0 and less: within the contract. Otherwise how far beyond, in ULPs of the output; infinite for a wrong kind. */
  readonly excess: number;
  readonly expected: string;
}

interface Term {
  readonly scale: Exact;
  readonly chat: Element;
  readonly base: Element;
}

/**
 * Holds a case's output to design.md §3.4. Returns a sentence with the worst element, or null. The sign of a zero may differ
 * (WGSL allows it), except where the target is only converted.
 */
export function checkNumericCase(numericCase: NumericCase, output: CaseElements): string | null {
  const { name, elementCount, target, vectors } = numericCase;
  const scales = vectors.map(({ scale }) => exactScale(scale));
  let wrong = 0;
  let worst: { index: number; verdict: Verdict } | null = null;
  for (let index = 0; index < elementCount; index++) {
    const targetBits = target.bits[index] ?? 0;
    const actual = output.bits[index] ?? 0;
    const terms = vectors.map(({ chat, base }, v) => ({
      scale: scales[v] ?? 0n,
      chat: elementOf(chat.dtype, chat.bits[index] ?? 0),
      base: elementOf(base.dtype, base.bits[index] ?? 0),
    }));
    const verdict = judge(target.dtype, targetBits, terms, output.dtype, actual);
    if (verdict.excess <= 0) continue;
    wrong++;
    if (worst === null || verdict.excess > worst.verdict.excess) worst = { index, verdict };
  }
  if (worst === null) return null;
  const { index, verdict } = worst;
  const operands = [target, ...vectors.flatMap(({ chat, base }) => [chat, base])].map((operand) =>
    show(operand, index),
  );
  return (
    `${name}: ${wrong} of ${elementCount} wrong; worst at ${index}: actual ${show(output, index)}, expected ${verdict.expected}` +
    ` (target, chat, base: ${operands.join(", ")}; λ ${vectors.map(({ scale }) => scale).join(", ")})`
  );
}

function judge(
  targetDtype: MergeableDtype,
  targetBits: number,
  terms: readonly Term[],
  dtype: MergeableDtype,
  actualBits: number,
): Verdict {
  const target = elementOf(targetDtype, targetBits);
  const actual = elementOf(dtype, actualBits);
  if (target.kind === "nan") return exactly(actualBits, dtype, quietNanOf(targetDtype, targetBits, dtype));
  const special = specialResult(target, terms);
  if (special !== null) return ofKind(dtype, actual, actualBits, special);
  if (terms.length === 0) {
    const zero = target.isNegative ? signBit(dtype) : 0;
    return exactly(actualBits, dtype, target.value === 0n ? zero : nearestBits(dtype, target.value));
  }
  return near(target, terms, dtype, actual);
}

/** A finite result: half an ULP of the output dtype plus 2^-22 · (|target| + Σ|λ|(|chat| + |base|)). */
function near(target: Element, terms: readonly Term[], dtype: MergeableDtype, actual: Element): Verdict {
  let exact = target.value;
  let mass = abs(target.value);
  for (const { scale, chat, base } of terms) {
    exact += times(scale, chat.value - base.value);
    mass += times(abs(scale), abs(chat.value) + abs(base.value));
  }
  const tolerance = mass >> relativeToleranceExponent;
  const expected = `${toNumber(exact)} ± (½ ULP + ${toNumber(tolerance)})`;
  const threshold = overflowThreshold(dtype);
  if (actual.kind === "infinite") {
    const isRight = abs(exact) + tolerance >= threshold && exact < 0n === actual.isNegative;
    return { excess: isRight ? 0 : Number.POSITIVE_INFINITY, expected };
  }
  if (actual.kind === "nan" || abs(exact) - tolerance >= threshold)
    return { excess: Number.POSITIVE_INFINITY, expected };
  const half = halfUlp(dtype, abs(exact));
  const excess = abs(actual.value - exact) - half - tolerance;
  return { excess: excess <= 0n ? 0 : toNumber(excess) / (2 * toNumber(half)) || Number.MIN_VALUE, expected };
}

/** IEEE 754 for operands that are not finite; null when all are. */
function specialResult(target: Element, terms: readonly Term[]): { kind: Kind; isNegative: boolean } | null {
  const infinities = new Set<boolean>();
  if (target.kind === "infinite") infinities.add(target.isNegative);
  for (const { scale, chat, base } of terms) {
    if (chat.kind === "nan" || base.kind === "nan") return { kind: "nan", isNegative: false };
    const signs = new Set<boolean>();
    if (chat.kind === "infinite") signs.add(chat.isNegative);
    if (base.kind === "infinite") signs.add(!base.isNegative);
    // Inf − Inf, and 0 · Inf.
    if (signs.size === 2 || (signs.size === 1 && scale === 0n)) return { kind: "nan", isNegative: false };
    for (const isNegative of signs) infinities.add(isNegative !== scale < 0n);
  }
  if (infinities.size === 0) return null;
  if (infinities.size === 2) return { kind: "nan", isNegative: false };
  return { kind: "infinite", isNegative: infinities.has(true) };
}

function ofKind(
  dtype: MergeableDtype,
  actual: Element,
  actualBits: number,
  { kind, isNegative }: { kind: Kind; isNegative: boolean },
): Verdict {
  const expected = kind === "nan" ? "a quiet NaN" : isNegative ? "-Infinity" : "Infinity";
  const isRight =
    actual.kind === kind && (kind === "nan" ? isQuiet(dtype, actualBits) : actual.isNegative === isNegative);
  return { excess: isRight ? 0 : Number.POSITIVE_INFINITY, expected };
}

function exactly(actualBits: number, dtype: MergeableDtype, expectedBits: number): Verdict {
  const excess = actualBits === expectedBits ? 0 : Number.POSITIVE_INFINITY;
  return { excess, expected: `exactly ${hex(dtype, expectedBits)}` };
}

const quietBits = { F32: 0x400000, F16: 0x200, BF16: 0x40 } as const;
const fractionBits = { F32: 23, F16: 10, BF16: 7 } as const;
const quietNans = { F32: 0x7fc00000, F16: 0x7e00, BF16: 0x7fc0 } as const;

function isQuiet(dtype: MergeableDtype, bits: number): boolean {
  return (bits & quietBits[dtype]) !== 0;
}

function signBit(dtype: MergeableDtype): number {
  return dtype === "F32" ? 0x80000000 : 0x8000;
}

/** A NaN keeps its sign and the top bits of its payload, and is quiet. */
function quietNanOf(from: MergeableDtype, bits: number, to: MergeableDtype): number {
  const payload = BigInt(bits >>> 0) & ((1n << BigInt(fractionBits[from])) - 1n);
  const moved = (payload << 23n) >> BigInt(23 + fractionBits[from] - fractionBits[to]);
  const sign = (bits & signBit(from)) === 0 ? 0 : signBit(to);
  return sign + Number(moved | BigInt(quietNans[to]));
}

function show({ dtype, bits }: CaseElements, index: number): string {
  const element = bits[index] ?? 0;
  const { kind, isNegative, value } = elementOf(dtype, element);
  const text = kind === "finite" ? toNumber(value) : kind === "nan" ? "NaN" : isNegative ? "-Infinity" : "Infinity";
  return `${dtype} ${hex(dtype, element)} = ${text}`;
}

function hex(dtype: MergeableDtype, bits: number): string {
  return `0x${bits.toString(16).padStart(dtype === "F32" ? 8 : 4, "0")}`;
}
