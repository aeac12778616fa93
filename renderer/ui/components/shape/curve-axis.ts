import { roundUp, type ValueAxis } from "../../figures/chart.ts";
import type { CurvePoint } from "../../shape/layer-curve.ts";

/** How far beyond the axis's ends a point can be dragged, in shares of the axis; the axis follows afterwards. */
const overshoot = 0.25;
/** What dragging is rounded to; typing is not. */
const dragStep = 0.01;

/** From 0 to 1 at least, and to a round number that holds all points. */
export function curveAxis(points: readonly CurvePoint[], height: number): ValueAxis {
  const factors = points.map(({ factor }) => factor);
  const top = Math.max(1, roundUp(Math.max(...factors)));
  const least = Math.min(...factors);
  return { top, bottom: least < 0 ? -roundUp(-least) : 0, height };
}

/** The factor at a height; a little beyond the top and, only where the axis has negative values, the bottom. */
export function factorAtY({ top, bottom, height }: ValueAxis, y: number): number {
  const span = top - bottom;
  const factor = bottom + ((height - y) / height) * span;
  const lowest = bottom < 0 ? bottom - overshoot * span : 0;
  const clamped = Math.min(Math.max(factor, lowest), top + overshoot * span);
  return Number((Math.round(clamped / dragStep) * dragStep).toFixed(2));
}
