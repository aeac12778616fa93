import "./recipe-menu.css";
import { splitName, splitPath } from "../format/names.ts";
import { useStudio } from "../store/use-studio.tsx";
import { MiddleEllipsis } from "./middle-ellipsis.tsx";

/** The welcome has room for so many; a card's list has them all. */
const shownCount = 3;

/** Models that were opened last: one click opens one, and its role is proposed. */
export function RecentModels() {
  const recents = useStudio((state) => state.recentModels);
  const proposeForOffered = useStudio((state) => state.proposeForOffered);
  if (recents.length === 0) return null;
  return (
    <section className="recent-recipes" aria-label="Recent models">
      <h3>Recent models</h3>
      {recents.slice(0, shownCount).map(({ id, name, folder, missing }) => (
        <button
          key={id}
          type="button"
          className="recent-recipe"
          disabled={missing}
          onClick={() => void proposeForOffered({ id, name })}
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
