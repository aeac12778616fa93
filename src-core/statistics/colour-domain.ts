/** The values between which a colour scale runs. */
export interface ColourDomain {
  readonly kind: "linear" | "log" | "diverging";
  /** The value of the first colour; of a diverging scale −`most`. */
  readonly least: number;
  readonly most: number;
  /** Values lie beyond an end and take its colour: the legend says "≤" or "≥". */
  readonly clipsLeast: boolean;
  readonly clipsMost: boolean;
}

/** Fewer cells than this are shown over their whole range. */
const fewestClipped = 40;
/** Ends are clipped to the 1 % and 99 % quantiles only where that widens the rest at least so much. */
const worthClipping = 1.5;
/** A log scale spans at most this: smaller values (zeros too) take the first colour. */
const logSpan = 1e6;

export interface DomainOptions {
  readonly kind: ColourDomain["kind"];
  /** The scale runs from 0 to here, so that it stands still while values change. */
  readonly upTo?: number;
}

/**
 * The domain of some values. A handful of extreme cells would leave all others in one colour: then the domain ends at the 1 %
 * and 99 % quantiles. Null without values, or for log without a positive one.
 */
export function colourDomain(values: Iterable<number>, { kind, upTo }: DomainOptions): ColourDomain | null {
  const sorted = Float64Array.from(values).filter(Number.isFinite).sort();
  if (kind === "diverging") return divergingDomain(sorted);
  const used = kind === "log" ? sorted.filter((value) => value > 0) : sorted;
  const first = used[0];
  const last = used.at(-1);
  if (first === undefined || last === undefined) return null;
  const [low, high] = clippedEnds(used, kind === "log" ? Math.log : (value) => value);
  const top = upTo ?? high;
  const bottom = kind === "log" ? Math.max(Math.min(low, top), top / logSpan) : linearStart(low, top, upTo);
  const smallest = sorted[0] ?? bottom;
  return { kind, least: bottom, most: top, clipsLeast: smallest < bottom, clipsMost: last > top };
}

/** Where a value lies on its scale, from 0 to 1. */
export function domainPosition({ kind, least, most }: ColourDomain, value: number): number {
  const position = (low: number, high: number, at: number) => (high > low ? (at - low) / (high - low) : at > 0 ? 1 : 0);
  const place =
    kind === "log"
      ? position(Math.log(least), Math.log(most), value > 0 ? Math.log(value) : Number.NEGATIVE_INFINITY)
      : position(least, most, value);
  return Math.min(Math.max(place, 0), 1);
}

/** From 0, where starting at the least value would blow up small differences or move the scale. */
function linearStart(low: number, top: number, upTo: number | undefined): number {
  return upTo !== undefined || low > top / 2 ? 0 : low;
}

function divergingDomain(sorted: Float64Array): ColourDomain | null {
  const magnitudes = sorted.map(Math.abs).sort();
  const largest = magnitudes.at(-1);
  if (largest === undefined) return null;
  const [, most] = clippedEnds(magnitudes, (value) => value);
  const clips = largest > most;
  return { kind: "diverging", least: -most, most, clipsLeast: clips, clipsMost: clips };
}

/** The ends to show, `measure` telling how far apart two values look. */
function clippedEnds(sorted: Float64Array, measure: (value: number) => number): readonly [number, number] {
  const first = sorted[0] ?? 0;
  const last = sorted.at(-1) ?? 0;
  if (sorted.length < fewestClipped) return [first, last];
  const low = quantile(sorted, 0.01);
  const high = quantile(sorted, 0.99);
  const inner = measure(high) - measure(low);
  const outliersAbove = measure(last) - measure(high) > (worthClipping - 1) * inner;
  const outliersBelow = measure(low) - measure(first) > (worthClipping - 1) * inner;
  return [outliersBelow ? low : first, outliersAbove ? high : last];
}

/** Of ascending values, linear between neighbours. */
export function quantile(sorted: ArrayLike<number>, fraction: number): number {
  const position = fraction * (sorted.length - 1);
  const index = Math.floor(position);
  const left = sorted[index] ?? 0;
  const right = sorted[index + 1] ?? left;
  return left + (right - left) * (position - index);
}
