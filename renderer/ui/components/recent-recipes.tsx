import "./recipe-menu.css";
import { useStudio } from "../store/use-studio.tsx";

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
          <span className="name">{name}</span>
          <span className="recipe-folder">{missing ? "not there any more" : folder}</span>
        </button>
      ))}
    </section>
  );
}
