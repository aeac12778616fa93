import type { CompareModel } from "../views/compare-model.ts";
import { roundTicks } from "./chart.ts";

/** Where the points of σ against τ lie. Pixels, from the plot's upper left corner. */
export interface ScatterGeometry {
  readonly width: number;
  readonly height: number;
  readonly x: ScatterAxis;
  readonly y: ScatterAxis;
  readonly points: readonly ScatterPoint[];
}

export interface ScatterAxis {
  readonly log: boolean;
  readonly least: number;
  readonly most: number;
  readonly ticks: readonly number[];
}

export interface ScatterPoint {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

const radii = { least: 2.5, most: 11 };

export function scatterGeometry(
  { parts, largestCount }: Pick<CompareModel, "parts" | "largestCount">,
  width: number,
  height: number,
  log: boolean,
): ScatterGeometry {
  const x = scatterAxis(
    parts.map(({ shift }) => shift),
    log,
  );
  const y = scatterAxis(
    parts.map(({ vector }) => vector),
    log,
  );
  const points = parts.map(({ shift, vector, elementCount }) => ({
    x: axisPlace(x, shift) * width,
    y: height - axisPlace(y, vector) * height,
    // Areas are as the numbers of parameters.
    radius: Math.max(radii.least, radii.most * Math.sqrt(elementCount / largestCount)),
  }));
  return { width, height, x, y, points };
}

/** From 0 at the axis's start to 1 at its end. */
export function axisPlace({ log, least, most }: ScatterAxis, value: number): number {
  if (!log) return (value - least) / (most - least);
  return (Math.log(Math.max(value, least)) - Math.log(least)) / (Math.log(most) - Math.log(least));
}

function scatterAxis(values: readonly number[], log: boolean): ScatterAxis {
  const largest = values.reduce((most, value) => Math.max(most, value), 0);
  const ticks = roundTicks(largest * 1.03);
  const most = ticks.at(-1) ?? 1;
  if (!log) return { log, least: 0, most, ticks };
  const positive = values.filter((value) => value > 0);
  const end = 10 ** Math.ceil(Math.log10(most));
  const start = Math.max(
    10 ** Math.floor(Math.log10(positive.reduce((least, value) => Math.min(least, value), end / 10))),
    end / 1e6,
  );
  const decades = Math.round(Math.log10(end / start));
  return { log, least: start, most: end, ticks: Array.from({ length: decades + 1 }, (_, step) => start * 10 ** step) };
}

/** The point nearest to a place, if it is within reach; of several the smaller one, which lies on top. */
export function pointAt({ points }: ScatterGeometry, x: number, y: number): number | null {
  let nearest: number | null = null;
  let least = Number.POSITIVE_INFINITY;
  points.forEach((point, index) => {
    const distance = Math.hypot(point.x - x, point.y - y) - point.radius;
    if (distance > 6 || distance + point.radius * 0.5 >= least) return;
    least = distance + point.radius * 0.5;
    nearest = index;
  });
  return nearest;
}
