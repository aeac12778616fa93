import "./notice-bars.css";
import { useStudio } from "../store/use-studio.tsx";
import { ChangedOnDisk } from "./changed-on-disk.tsx";
import { DroppedModels } from "./dropped-models.tsx";
import { FailureNote } from "./failure-note.tsx";
import { CloseIcon } from "./icons.tsx";
import { UnsavedRecipes } from "./unsaved-recipes.tsx";

/** What concerns the whole window: the runtime, the engine, a drop that found no place. */
export function NoticeBars() {
  const runtimeWarning = useStudio((state) => state.environment?.runtimeWarning ?? null);
  const engine = useStudio((state) => state.engine);
  const failure = useStudio((state) => state.windowFailure);
  const dismiss = useStudio((state) => state.dismissWindowFailure);
  const notice = useStudio((state) => state.windowNotice);
  const dismissNotice = useStudio((state) => state.dismissWindowNotice);
  return (
    <section className="notice-bars" aria-label="Notices">
      {runtimeWarning !== null && <p className="notice-bar selectable">{runtimeWarning}</p>}
      {engine?.status === "failed" && (
        <div className="notice-bar" data-severity="error">
          <FailureNote failure={engine.failure ?? engineFailed} inline />
        </div>
      )}
      {notice !== null && (
        <div className="notice-bar" role="status">
          <span className="selectable">{notice}</span>
          <button type="button" className="icon-button" aria-label="Dismiss" onClick={dismissNotice}>
            <CloseIcon />
          </button>
        </div>
      )}
      <UnsavedRecipes />
      <ChangedOnDisk />
      <DroppedModels />
      <OpeningOver />
      <RecipeNotes />
      <RecipeFailure />
      {failure !== null && (
        <div className="notice-bar" data-severity="error">
          <FailureNote failure={failure} inline />
          <button type="button" className="icon-button" aria-label="Dismiss" onClick={dismiss}>
            <CloseIcon />
          </button>
        </div>
      )}
    </section>
  );
}

/** What mergekit means otherwise. */
function RecipeNotes() {
  const notes = useStudio((state) => state.recipeNotes);
  const dismiss = useStudio((state) => state.dismissRecipeNotes);
  if (notes === null) return null;
  return (
    <div className="notice-bar" role="status">
      <div className="notice-bar-list selectable">
        <p>{notes.title}</p>
        <ul>
          {notes.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      </div>
      <button type="button" className="icon-button" aria-label="Dismiss" onClick={dismiss}>
        <CloseIcon />
      </button>
    </div>
  );
}

/** Changes that opening another recipe would lose. */
function OpeningOver() {
  const asked = useStudio((state) => state.openingOver !== null);
  const name = useStudio((state) => state.document?.name);
  const openOver = useStudio((state) => state.openOver);
  if (!asked) return null;
  return (
    <div className="notice-bar" role="alert" data-severity="decision">
      <span>{name} has changes that are not saved</span>
      <button type="button" className="button" onClick={() => void openOver("save")}>
        Save and open
      </button>
      <button type="button" className="button" onClick={() => void openOver("discard")}>
        Open without saving
      </button>
      <button type="button" className="button" onClick={() => void openOver("cancel")}>
        Cancel
      </button>
    </div>
  );
}

function RecipeFailure() {
  const failure = useStudio((state) => state.recipeFailure);
  const dismiss = useStudio((state) => state.dismissRecipeFailure);
  if (failure === null) return null;
  return (
    <div className="notice-bar" data-severity="error">
      <FailureNote failure={failure} inline />
      <button type="button" className="icon-button" aria-label="Dismiss" onClick={dismiss}>
        <CloseIcon />
      </button>
    </div>
  );
}

const engineFailed = {
  code: "device-failed",
  what: "The engine failed and did not say why",
  advice: "Restart the application.",
} as const;
