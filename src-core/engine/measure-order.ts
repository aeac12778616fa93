import type { MeasuredTensor } from "../plan/measure-plan.ts";

/**
 * The order in which tensors are measured: a spread of layers first (first, middle, quarters, …), so that the shape over the
 * depth is visible early; what lies outside the layers, where the largest tensors are, last. Returns indices into `tensors`.
 */
export function measureOrder(tensors: readonly MeasuredTensor[]): number[] {
  const layers = new Map<number, number[]>();
  const outside: number[] = [];
  tensors.forEach(({ layer }, index) => {
    if (layer === null) outside.push(index);
    else layers.set(layer, [...(layers.get(layer) ?? []), index]);
  });
  const depths = [...layers.keys()].sort((a, b) => a - b);
  const inLayers = spread(depths.length).flatMap((position) => layers.get(depths[position] ?? 0) ?? []);
  outside.sort((a, b) => (tensors[a]?.elementCount ?? 0) - (tensors[b]?.elementCount ?? 0));
  return [...inLayers, ...outside];
}

/** 0 … count−1, each next one far from those before: the order in which a halved interval is filled. */
export function spread(count: number): number[] {
  if (count === 0) return [];
  const order = count === 1 ? [0] : [0, count - 1];
  const seen = new Set(order);
  for (let step = 2 ** Math.ceil(Math.log2(count)); step >= 1; step /= 2) {
    for (let position = step / 2; position < count; position += step) {
      const index = Math.floor(position);
      if (!seen.has(index)) order.push(index);
      seen.add(index);
    }
  }
  return order;
}
