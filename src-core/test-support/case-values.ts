import type { MergeableDtype } from "../checkpoint/dtype.ts";
import type { Random } from "../random.ts";
import type { CaseElements } from "./numeric-case.ts";

/** Bit patterns at the edges of a format: ±0, subnormals, powers of two and their neighbours, the largest, Inf, NaNs. */
const magnitudes: Record<MergeableDtype, readonly number[]> = {
  F32: [
    0, 1, 2, 3, 0x3fffff, 0x400000, 0x7fffff, 0x800000, 0x800001, 0x00ffffff, 0x0f800000, 0x20000000, 0x30000000,
    0x33800000, 0x387fe000, 0x38800000, 0x3f317218, 0x3f7fffff, 0x3f800000, 0x3f800001, 0x3f808000, 0x3f818000,
    0x40000000, 0x477fe000, 0x477fefff, 0x477ff000, 0x477fffff, 0x6c800000, 0x7e800000, 0x7f7f7fff, 0x7f7f8000,
    0x7f7fffff, 0x7f800000, 0x7f800001, 0x7f80ffff, 0x7fa00000, 0x7fc00000, 0x7fd55555, 0x7fffffff,
  ],
  F16: [
    0, 1, 2, 3, 0x1ff, 0x200, 0x3fe, 0x3ff, 0x400, 0x401, 0x1000, 0x3555, 0x3bff, 0x3c00, 0x3c01, 0x4000, 0x7800,
    0x7bfe, 0x7bff, 0x7c00, 0x7c01, 0x7d55, 0x7e00, 0x7e01, 0x7fff,
  ],
  BF16: [
    0, 1, 2, 3, 0x3f, 0x40, 0x7f, 0x80, 0x81, 0xff, 0x1000, 0x2000, 0x3000, 0x3380, 0x3880, 0x3f31, 0x3f7f, 0x3f80,
    0x3f81, 0x4000, 0x477f, 0x6c80, 0x7e80, 0x7f7e, 0x7f7f, 0x7f80, 0x7f81, 0x7fa0, 0x7fc0, 0x7fc1, 0x7fff,
  ],
};

/** Kinds of elements. `weight` is what models hold: magnitudes around 0.02. */
export type ValueKind = "edge" | "any" | "weight" | "subnormal" | "tiny" | "huge";

const kinds: readonly ValueKind[] = ["edge", "any", "weight", "subnormal", "tiny", "huge"];

/** Elements of the given kinds in equal parts, drawn independently. */
export function valuesOf(
  dtype: MergeableDtype,
  elementCount: number,
  random: Random,
  among: readonly ValueKind[] = kinds,
): CaseElements {
  const bits = Uint32Array.from({ length: elementCount }, () =>
    drawBits(dtype, among[random.integer(among.length)] ?? "any", random),
  );
  return { dtype, bits };
}

/** Each element is of one kind in all of the operands: only so are all of an element's operands tiny, or edges, at once. */
export function alikeValues(
  dtypes: readonly MergeableDtype[],
  elementCount: number,
  random: Random,
): readonly CaseElements[] {
  const chosen = Array.from({ length: elementCount }, () => kinds[random.integer(kinds.length)] ?? "any");
  return dtypes.map((dtype) => ({ dtype, bits: Uint32Array.from(chosen, (kind) => drawBits(dtype, kind, random)) }));
}

const widths = { F32: 32, F16: 16, BF16: 16 } as const;
const fractions = { F32: 23, F16: 10, BF16: 7 } as const;

function drawBits(dtype: MergeableDtype, kind: ValueKind, random: Random): number {
  const sign = random.integer(2) * 2 ** (widths[dtype] - 1);
  const fraction = random.integer(2 ** fractions[dtype]);
  const withExponent = (exponent: number) => sign + exponent * 2 ** fractions[dtype] + fraction;
  const [one, last] = dtype === "F16" ? [15, 30] : [127, 254];
  switch (kind) {
    case "edge":
      return sign + (magnitudes[dtype][random.integer(magnitudes[dtype].length)] ?? 0);
    case "any":
      return random.integer(2 ** widths[dtype]);
    case "weight":
      return withExponent(one - 9 + random.integer(5));
    case "subnormal":
      return withExponent(0);
    case "tiny":
      return withExponent(random.integer(dtype === "F16" ? 4 : 40));
    case "huge":
      return withExponent(last - random.integer(3));
  }
}

/** Of random sign and fraction, the exponent drawn from low … high; −127 stands for subnormals. For F32 and BF16. */
export function withExponents(
  dtype: "F32" | "BF16",
  elementCount: number,
  random: Random,
  low: number,
  high: number,
): CaseElements {
  const bits = Uint32Array.from({ length: elementCount }, () => {
    const exponent = 127 + low + random.integer(high - low + 1);
    const fraction = random.integer(2 ** fractions[dtype]);
    return random.integer(2) * 2 ** (widths[dtype] - 1) + exponent * 2 ** fractions[dtype] + fraction;
  });
  return { dtype, bits };
}

/** Every bit pattern of a 16-bit dtype. */
export function allPatterns(dtype: "F16" | "BF16"): CaseElements {
  return { dtype, bits: Uint32Array.from({ length: 65_536 }, (_, pattern) => pattern) };
}

/** The same bits at every place. */
export function constant(dtype: MergeableDtype, elementCount: number, bits: number): CaseElements {
  return { dtype, bits: new Uint32Array(elementCount).fill(bits) };
}

/** f32 values by their numbers; what is not an f32 throws. */
export function f32Values(values: readonly number[]): CaseElements {
  const floats = Float32Array.from(values);
  values.forEach((value, index) => {
    if (floats[index] !== value) throw new RangeError(`${value} is no f32`);
  });
  return { dtype: "F32", bits: new Uint32Array(floats.buffer) };
}
