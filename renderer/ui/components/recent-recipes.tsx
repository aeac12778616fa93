import "./recipe-menu.css";
import { splitName, splitPath } from "../format/names.ts";
import { useStudio } from "../store/use-studio.tsx";
import { MiddleEllipsis } from "./middle-ellipsis.tsx";

/** The welcome has room for so many; the menu has them all. */
const shownCount = 4;

/** Where the work went on last time. */
export function RecentRecipes() {
  const recents = useStudio((state) => state.recents);
  const openRecentRecipe = useStudio((state) => state.openRecentRecipe);
  if (recents.length === 0) return null;
  return (
    <section className="recent-recipes" aria-label="Recent recipes">
      <h3>Recent recipes</h3>
      {recents.slice(0, shownCount).map(({ id, name, folder, missing }) => (
        <button
          key={id}
          type="button"
          className="recent-recipe"
          disabled={missing}
          onClick={() => void openRecentRecipe(id)}
        >
          <span className="name">
            <MiddleEllipsis text={splitName(name)} />
          </span>
          <span className="recipe-folder name">
            {missing ? "not there any more" : <MiddleEllipsis text={splitPath(folder)} />}
          </span>
        </button>
      ))}
    </section>
  );
}
