/**
 * x rounded to nearest, ties to even, to the 24 significant bits of an f32. Unlike Math.fround it has no bounds on the exponent:
 * an intermediate result neither overflows nor loses bits as a subnormal, so the only rounding to the output's
 * range is the last one. Magnitudes from 2^-204 to 2^166 occur: sums of products with λ (limits.ts).
 */
export function f32(x: number): number {
  const magnitude = Math.abs(x);
  if (magnitude < 2 ** -64) return Math.fround(x * 2 ** 96) * 2 ** -96;
  if (magnitude > 2 ** 64) return Math.fround(x * 2 ** -96) * 2 ** 96;
  return Math.fround(x);
}
