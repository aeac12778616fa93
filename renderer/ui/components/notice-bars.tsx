import "./notice-bars.css";
import { useStudio } from "../store/use-studio.tsx";
import { FailureNote } from "./failure-note.tsx";
import { CloseIcon } from "./icons.tsx";

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
