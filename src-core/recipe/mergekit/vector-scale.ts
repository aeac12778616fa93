import type { LayeredScale, RecipeInput } from "../recipe.ts";
import type { ImportedScale } from "./layered-scale.ts";
import type { MergekitSource } from "./mergekit-source.ts";
import { globsOf, type Setting, valueFor } from "./setting.ts";

type VectorInput = RecipeInput["vectors"][number];
type Rule = NonNullable<VectorInput["rules"]>[number];

/** What mergekit's architectures have before the layers: how a tensor's name ends, and how mergekit itself calls it. */
const embeddings = [
  ["embed_tokens.weight", "model.embed_tokens.weight"],
  ["tok_embeddings.weight", "model.tok_embeddings.weight"],
  ["word_embeddings.weight", "transformer.word_embeddings.weight"],
  ["embed_in.weight", "gpt_neox.embed_in.weight"],
  ["wte.weight", "transformer.wte.weight"],
  ["wpe.weight", "transformer.wpe.weight"],
] as const;

/** A vector's scale, curve and rules: a rule for each condition, and the vector's own for the names that meet none. `setting` is total. */
export function vectorScale(
  setting: Setting<ImportedScale>,
  name: string,
  offset: number,
  source: MergekitSource,
): Pick<VectorInput, "scale" | "curve" | "outside" | "rules"> {
  const tail = plain(setting.at(-1)?.value ?? { scale: 0 });
  const rules = [
    ...embeddingRules(setting, name, offset, source),
    ...setting.slice(0, -1).flatMap(({ needles, value }): Rule[] => {
      const globs = globsOf(needles);
      if (globs === null) {
        const what = `rules cannot tell apart names with ${needles.join(" and ")}`;
        throw source.inexpressible(offset, { what, advice: "Give the parameters the same filters" });
      }
      return globs.map((tensors) => ({ tensors, ...plain(value) }));
    }),
  ];
  while (rules.length > 0 && isSameScale(rules.at(-1), tail)) rules.pop();
  return { ...tail, ...(rules.length === 0 ? {} : { rules }) };
}

/** Slices can give the embeddings another λ than the final norm and the head, all of which stand outside the layers. */
function embeddingRules(setting: Setting<ImportedScale>, name: string, offset: number, source: MergekitSource): Rule[] {
  if (!setting.some(({ value }) => value.before !== undefined)) return [];
  const names = embeddings.map(([ending]) => ending).join(", ");
  const message = `embeddings (${names}) take the first slice's weight of ${name}, the rest outside the layers the last slice's`;
  source.note(offset, message);
  return embeddings.map(([ending, canonical]) => {
    const value = valueFor(setting, canonical);
    return { tensors: `*${ending}`, scale: value?.before ?? value?.outside ?? value?.scale ?? 0 };
  });
}

function plain({ scale, curve, outside }: ImportedScale): LayeredScale {
  return {
    scale,
    ...(curve === undefined ? {} : { curve: [...curve] }),
    ...(outside === undefined ? {} : { outside }),
  };
}

function isSameScale(a: LayeredScale | undefined, b: LayeredScale): boolean {
  if (a === undefined || a.scale !== b.scale || a.outside !== b.outside) return false;
  return a.curve?.length === b.curve?.length && (a.curve ?? []).every((value, index) => value === b.curve?.[index]);
}
