/**
 * A number that may vary over the layers: evenly spaced values from the first layer to the last, with straight lines between.
 * One value is the same everywhere. Never empty.
 */
export type Gradient = readonly number[];

/** mergekit's own formula, step by step, so that the last bit agrees; `depth` from 0 (first layer) to 1 (last). */
export function gradientAt(gradient: Gradient, depth: number): number {
  const position = depth * (gradient.length - 1);
  const index = Math.floor(position);
  const fraction = position - index;
  const left = gradient[index] ?? 0;
  const right = gradient[Math.min(index + 1, gradient.length - 1)] ?? 0;
  return (1 - fraction) * left + fraction * right;
}

/** The value of a gradient that is the same everywhere, or null. */
export function constantOf(gradient: Gradient): number | null {
  const [first = 0] = gradient;
  return gradient.every((value) => value === first) ? first : null;
}

export function scaleGradient(gradient: Gradient, factor: number): Gradient {
  return gradient.map((value) => unsigned(value * factor));
}

/** The sum at every depth: on the coarsest even spacing that has the points of all of them. Null beyond `maximumLength` points. */
export function sumGradients(gradients: readonly Gradient[], maximumLength: number): Gradient | null {
  const segments = gradients.reduce((common, { length }) => leastCommonMultiple(common, Math.max(length - 1, 1)), 1);
  if (segments + 1 > maximumLength) return null;
  const isConstant = gradients.every(({ length }) => length === 1);
  const points = Array.from({ length: isConstant ? 1 : segments + 1 }, (_, point) => point);
  return points.map((point) =>
    unsigned(gradients.reduce((sum, gradient) => sum + atPoint(gradient, point, segments), 0)),
  );
}

/** Without a rounded depth between: a gradient's own points are hit exactly. */
function atPoint(gradient: Gradient, point: number, segments: number): number {
  const numerator = point * (gradient.length - 1);
  const index = Math.floor(numerator / segments);
  const remainder = numerator - index * segments;
  const left = gradient[index] ?? 0;
  if (remainder === 0) return left;
  const fraction = remainder / segments;
  return left * (1 - fraction) + (gradient[index + 1] ?? left) * fraction;
}

/** Minus zero says nothing about λ, and looks odd in a file. */
export function unsigned(value: number): number {
  return value === 0 ? 0 : value;
}

function leastCommonMultiple(a: number, b: number): number {
  let [divisor, rest] = [a, b];
  while (rest !== 0) [divisor, rest] = [rest, divisor % rest];
  return (a / divisor) * b;
}
