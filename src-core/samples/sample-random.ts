/** Entries of a quantile table: 16 bits of a hash choose one. */
export const quantileCount = 65_536;

/**
 * Mixes 32 bits so that each bit of the result depends on all of them; returns an unsigned number. The constants are those
 * of Chris Wellons' hash-prospector search. The inner loop of `sample-kernel.ts` repeats these lines.
 */
export function mix32(value: number): number {
  let x = Math.imul(value ^ (value >>> 16), 0x21f0_aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a_2d97);
  return (x ^ (x >>> 15)) >>> 0;
}

/** 32 bits that stand for a text under a seed. */
export function hashText(text: string, seed: number): number {
  let hash = mix32(seed ^ 0x9e37_79b9);
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193);
  return mix32(hash);
}

/**
 * The standard normal distribution's quantiles at (k + ½) / 65536, rising, from −4.3 to 4.3; the variance is 1 to 1e-4.
 * Solved from dz/dp = 1/φ(z), dφ/dp = −z outwards from the median with Runge–Kutta steps, since neither Math.log nor Math.exp
 * gives the same bits on every engine.
 */
export function normalQuantiles(): Float64Array {
  const quantiles = new Float64Array(quantileCount);
  const half = quantileCount / 2;
  // 1 / sqrt(2π), the density at the median.
  let density = 0.3989422804014327;
  let z = 0;
  let step = 0.5 / quantileCount;
  for (let k = 0; k < half; k++) {
    const density2 = density - (step / 2) * z;
    const z2 = z + step / 2 / density;
    const density3 = density - (step / 2) * z2;
    const z3 = z + step / 2 / density2;
    const density4 = density - step * z3;
    const z4 = z + step / density3;
    const slope = 1 / density + 2 / density2 + 2 / density3 + 1 / density4;
    density -= (step / 6) * (z + 2 * z2 + 2 * z3 + z4);
    z += (step / 6) * slope;
    quantiles[half + k] = z;
    quantiles[half - 1 - k] = -z;
    step = 1 / quantileCount;
  }
  return quantiles;
}
