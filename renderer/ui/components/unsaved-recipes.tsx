import type { UnsavedRecipe } from "../../../electron/api/recipes.ts";
import { formatMoment } from "../format/format-moment.ts";
import { useStudio } from "../store/use-studio.tsx";

/** What an earlier start of the program left unsaved: offered, and neither opened nor thrown away unasked. */
export function UnsavedRecipes() {
  const recipes = useStudio((state) => state.unsavedRecipes);
  return (
    <>
      {recipes.map((recipe) => (
        <Offer key={recipe.id} recipe={recipe} />
      ))}
    </>
  );
}

function Offer({ recipe: { id, name, keptMs, path } }: { readonly recipe: UnsavedRecipe }) {
  const bringBack = useStudio((state) => state.bringBack);
  const discard = useStudio((state) => state.discardUnsaved);
  return (
    <div className="notice-bar" role="status">
      <span>
        {path === null ? "The recipe of " : "Changes of "}
        <b title={path ?? undefined}>{name}</b> from {formatMoment(keptMs, Date.now())} {path === null ? "was" : "were"}{" "}
        not saved when the program ended
      </span>
      <button type="button" className="button" onClick={() => void bringBack(id)}>
        Bring back
      </button>
      <button type="button" className="button" onClick={() => void discard(id)}>
        Discard
      </button>
    </div>
  );
}
