import type { Gradient } from "./gradient.ts";
import type { ModelWeight, NamedTensor } from "./model-weights.ts";
import { type Condition, combine, type Effort, type Setting } from "./setting.ts";

/** How layers are called in the models of mergekit's architectures. */
const layerNeedles = ["layers.", "h.", "layer.", "blocks.", "block."];

/** Letters that the names of tensors inside the layers have, and no others; "layers." where there are no names to see. */
export function layerNeedleOf(tensors: readonly NamedTensor[] | null): string | null {
  if (tensors === null) return layerNeedles[0] ?? null;
  const tells = (needle: string) =>
    tensors.every(({ names, layer }) => (names[0] ?? "").includes(needle) === (layer !== null));
  return layerNeedles.find(tells) ?? null;
}

/**
 * mergekit's conditions for a model's weight: outside the layers it takes a gradient's first value, so where that is another, the layers are
 * told apart by a filter. Null where a condition would need two filters at once that some tensor may fit.
 */
export function weightConditions(
  weight: Setting<ModelWeight>,
  layerNeedle: string | null,
  tensors: readonly NamedTensor[] | null,
  effort: Effort,
): Setting<Gradient> | null {
  const conditions: Condition<Gradient>[] = [];
  for (const { needles, value } of weight) {
    const fitting = tensors?.filter((tensor) => fits(tensor, needles));
    if (isLikeFirst(value) || fitting?.every(({ layer }) => layer !== null)) {
      conditions.push({ needles, value: value.inside });
      continue;
    }
    if (layerNeedle === null) return null;
    conditions.push({ needles: [...needles, layerNeedle], value: value.inside }, { needles, value: [value.outside] });
  }
  const simple = combine([conditions], effort);
  if (simple === null) return null;
  const possible = simple.filter(
    ({ needles }) => needles.length < 2 || (tensors?.some((tensor) => fits(tensor, needles)) ?? true),
  );
  if (possible.some(({ needles }) => needles.length > 1)) return null;
  return possible.flatMap(({ needles, value: [gradient] }) =>
    gradient === undefined ? [] : [{ needles, value: gradient }],
  );
}

/** Whether what is outside the layers takes what the first layer takes, as in mergekit. */
function isLikeFirst({ inside, outside }: ModelWeight): boolean {
  return Math.fround(inside[0] ?? 0) === Math.fround(outside);
}

function fits({ names }: NamedTensor, needles: readonly string[]): boolean {
  return needles.every((needle) => (names[0] ?? "").includes(needle));
}
