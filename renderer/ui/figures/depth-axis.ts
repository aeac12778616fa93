/** The one axis from left to right that the heatmap, the profile and the λ curve share. Pixels. */
export interface DepthAxis {
  readonly width: number;
  readonly labelWidth: number;
  /** Left edges of the bars before the layers, and of those after them. */
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly barWidth: number;
  /** Left edge of the first layer and right edge of the last. */
  readonly start: number;
  readonly end: number;
  readonly layerCount: number;
  readonly layerWidth: number;
}

export interface DepthAxisInput {
  readonly width: number;
  readonly layerCount: number;
  readonly beforeCount: number;
  readonly afterCount: number;
  readonly labelWidth: number;
  /** Kept free right of the layers, for the names at the lines' ends. */
  readonly endWidth: number;
}

const barWidth = 20;
const barGap = 6;
const layersGap = 10;

export function depthAxis({
  width,
  layerCount,
  beforeCount,
  afterCount,
  labelWidth,
  endWidth,
}: DepthAxisInput): DepthAxis {
  const widthOf = (count: number) => (count === 0 ? 0 : count * barWidth + (count - 1) * barGap + layersGap);
  const start = labelWidth + widthOf(beforeCount);
  const end = Math.max(start, width - Math.max(endWidth, widthOf(afterCount)));
  const barsFrom = (left: number, count: number) =>
    Array.from({ length: count }, (_, index) => left + index * (barWidth + barGap));
  return {
    width,
    labelWidth,
    before: barsFrom(labelWidth, beforeCount),
    after: barsFrom(end + layersGap, afterCount),
    barWidth,
    start,
    end,
    layerCount,
    layerWidth: layerCount === 0 ? 0 : (end - start) / layerCount,
  };
}

export function layerCentre({ start, layerWidth }: DepthAxis, layer: number): number {
  return start + (layer + 0.5) * layerWidth;
}

/** The layer at a place, the nearest one beyond the ends. */
export function layerAt({ start, layerWidth, layerCount }: DepthAxis, x: number): number {
  return Math.min(Math.max(Math.floor((x - start) / layerWidth), 0), Math.max(layerCount - 1, 0));
}

/** Layers that get a number above the heatmap: the ends, and round ones between with room around them. */
export function layerTicks({ layerCount, layerWidth }: DepthAxis): readonly number[] {
  const last = layerCount - 1;
  if (layerCount <= 1) return layerCount === 1 ? [0] : [];
  const step =
    [1, 2, 4, 5, 8, 10, 16, 20, 32, 50, 64, 100, 200, 500].find((each) => each * layerWidth >= 70) ?? layerCount;
  const between = Array.from({ length: Math.ceil(layerCount / step) }, (_, index) => index * step);
  return [...between.filter((layer) => layer === 0 || (last - layer) * layerWidth >= 40), last];
}
