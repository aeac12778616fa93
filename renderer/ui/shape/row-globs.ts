import { globMatches } from "../../../src-core/recipe/glob.ts";

/**
 * Globs that match exactly these names among all others of a model, as few as there may be: one that spans the layers
 * ("*.mlp.down_proj.weight"), else one for each width of the numbers that vary ("layer.?.output.dense.*", which leaves
 * "layer.0.attention.output.dense" alone), else the names themselves.
 */
export function globsOfTensors(names: readonly string[], allNames: readonly string[]): readonly string[] {
  const [first] = names;
  if (first === undefined) return [];
  if (names.length === 1) return [first];
  const wanted = new Set(names);
  const others = allNames.filter((name) => !wanted.has(name));
  const isExact = (globs: readonly string[]) =>
    names.every((name) => globs.some((glob) => globMatches(glob, name))) &&
    !others.some((name) => globs.some((glob) => globMatches(glob, name)));
  const candidates = [afterLastNumber(names), withStars(names), withWidths(names)];
  return candidates.find((globs) => globs.length > 0 && isExact(globs)) ?? [...names];
}

/** "*.self_attn.q_proj.weight": all that follows the number which varies, when that is the same in all names. */
function afterLastNumber(names: readonly string[]): readonly string[] {
  const shapes = new Set(names.map((name) => name.replace(/^.*?\.\d+(?=\.)/, "*")));
  return shapes.size === 1 ? [...shapes] : [];
}

/** Every number that varies as a star. */
function withStars(names: readonly string[]): readonly string[] {
  return distinctShapes(names, () => "*");
}

/** Every number that varies as so many question marks as it has digits. */
function withWidths(names: readonly string[]): readonly string[] {
  return distinctShapes(names, (digits) => "?".repeat(digits.length));
}

function distinctShapes(names: readonly string[], replace: (digits: string) => string): readonly string[] {
  const split = names.map((name) => name.split("."));
  const [first] = split;
  if (first === undefined || split.some((parts) => parts.length !== first.length)) return [];
  const varies = first.map((part, place) => split.some((parts) => parts[place] !== part));
  const shapes = split.map((parts) =>
    parts.map((part, place) => (varies[place] && /^\d+$/.test(part) ? replace(part) : part)).join("."),
  );
  return [...new Set(shapes)];
}
