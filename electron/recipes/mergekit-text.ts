import type { Checkpoint } from "../../src-core/checkpoint/checkpoint.ts";
import { StudioError } from "../../src-core/errors.ts";
import { normalizeTensorName, placeOfTensor } from "../../src-core/plan/tensor-names.ts";
import { formatMergekit } from "../../src-core/recipe/mergekit/format-mergekit.ts";
import type { Recipe } from "../../src-core/recipe/recipe.ts";

/**
 * The recipe as a mergekit file, checked on the target's tensors where it could be opened. Throws `recipe-inexpressible` with
 * all that stands in the way.
 */
export function mergekitText(recipe: Recipe, target: Checkpoint | null) {
  const tensors = target?.tensors.map(({ name }) => ({
    names: [name, normalizeTensorName(name)],
    layer: placeOfTensor(name).layer,
  }));
  const written = formatMergekit(recipe, tensors === undefined ? {} : { tensors });
  if ("text" in written) return written;
  const actual = written.obstacles.join("; ");
  throw new StudioError({ code: "recipe-inexpressible", what: "mergekit cannot say this recipe", actual });
}
