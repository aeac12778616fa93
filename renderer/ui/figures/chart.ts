import { type DepthAxis, layerCentre } from "./depth-axis.ts";

/** A vertical axis: values from `bottom` to `top` over a height in pixels that starts at y = 0 with `top`. */
export interface ValueAxis {
  readonly bottom: number;
  readonly top: number;
  readonly height: number;
}

export function yOf({ bottom, top, height }: ValueAxis, value: number): number {
  return top === bottom ? height : height - ((value - bottom) / (top - bottom)) * height;
}

/** A value axis that holds all values and ends at round numbers; it includes 0, or is even about it. */
export function valueAxis(values: Iterable<number>, height: number, evenAboutZero = false): ValueAxis {
  let least = 0;
  let most = 0;
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  if (evenAboutZero) {
    const end = roundUp(Math.max(most, -least)) || 1;
    return { bottom: -end, top: end, height };
  }
  return { bottom: least < 0 ? -roundUp(-least) : 0, top: roundUp(most) || (least < 0 ? 0 : 1), height };
}

/** The next 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8 or 10 times a power of ten. */
export function roundUp(value: number): number {
  if (value <= 0) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((each) => each * power >= value * (1 - 1e-9)) ?? 10;
  return Number((step * power).toPrecision(6));
}

/** Round numbers from 0 to the first that is not below `most`: three to six of them. */
export function roundTicks(most: number): readonly number[] {
  if (most <= 0) return [0, 1];
  const power = 10 ** Math.floor(Math.log10(most / 5));
  const step = power * ([1, 2, 2.5, 5, 10].find((each) => each * power * 5 >= most * (1 - 1e-9)) ?? 10);
  const count = Math.ceil((most / step) * (1 - 1e-9));
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(6)));
}

/** The path of values over layers; a layer without one is passed over. A layer alone is a line of no length, which round ends show. */
export function linePath(axis: DepthAxis, scale: ValueAxis, values: readonly (number | null)[]): string {
  const points = values.flatMap((value, layer) =>
    value === null ? [] : [`${round(layerCentre(axis, layer))} ${round(yOf(scale, value))}`],
  );
  if (points.length === 1) points.push(...points);
  return points.map((point, index) => `${index === 0 ? "M" : "L"}${point}`).join("");
}

/** The same, closed down to 0, to be filled. */
export function areaPath(axis: DepthAxis, scale: ValueAxis, values: readonly number[]): string {
  if (values.length === 0) return "";
  const zero = round(yOf(scale, Math.min(Math.max(0, scale.bottom), scale.top)));
  const end = round(layerCentre(axis, values.length - 1));
  return `${linePath(axis, scale, values)}L${end} ${zero}L${round(layerCentre(axis, 0))} ${zero}Z`;
}

/** Moves labels at given heights apart until they are `distance` from each other, in their order, within `height`. */
export function spreadLabels(wanted: readonly number[], distance: number, height: number): readonly number[] {
  const order = wanted.map((y, index) => ({ y, index })).sort((a, b) => a.y - b.y);
  const placed: { y: number; readonly index: number }[] = [];
  for (const { y, index } of order) {
    const above = placed.at(-1);
    placed.push({ y: above === undefined ? y : Math.max(y, above.y + distance), index });
  }
  let limit = height;
  for (const label of [...placed].reverse()) {
    label.y = Math.min(label.y, limit);
    limit = label.y - distance;
  }
  return wanted.map((y, index) => placed.find((label) => label.index === index)?.y ?? y);
}

/** A hundredth of a pixel is enough, and keeps paths short. */
export function round(pixels: number): number {
  return Math.round(pixels * 100) / 100;
}
