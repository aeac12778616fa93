import { isEdited } from "../store/decisions.ts";
import { isJobRunning } from "../store/job-phase.ts";
import { useStudio } from "../store/use-studio.tsx";
import { CloseIcon } from "./icons.tsx";

/** What another program did to files that are open here, and the way to have them as they are now. */
export function ChangedOnDisk() {
  return (
    <>
      <ChangedModels />
      <ChangedRecipe />
    </>
  );
}

function ChangedModels() {
  const models = useStudio((state) => state.changedModels);
  const open = useStudio((state) => state.openChangedModels);
  const running = useStudio(isJobRunning);
  if (models.length === 0) return null;
  return (
    <div className="notice-bar" role="status" data-severity="decision">
      <span>
        {models.map(({ id, name }, index) => (
          <span key={id}>
            {index > 0 && (index === models.length - 1 ? " and " : ", ")}
            <b>{name}</b>
          </span>
        ))}{" "}
        {models.length === 1 ? "was" : "were"} changed on disk.{" "}
        {running ? "The export will refuse to go on with it." : "What is shown is from before."}
      </span>
      <button type="button" className="button" disabled={running} onClick={() => void open()}>
        Open again
      </button>
    </div>
  );
}

function ChangedRecipe() {
  const change = useStudio((state) => state.recipeChange);
  const name = useStudio((state) => state.document?.name);
  const edited = useStudio(isEdited);
  const running = useStudio(isJobRunning);
  const reopen = useStudio((state) => state.reopenRecipe);
  const dismiss = useStudio((state) => state.dismissRecipeChange);
  if (change === null || name === undefined) return null;
  return (
    <div className="notice-bar" role="status" data-severity={change === "changed" ? "decision" : undefined}>
      <span>
        <b>{name}</b>{" "}
        {change === "gone"
          ? "is no longer where it was. Saving writes it again."
          : `was changed on disk by another program.${edited ? " Your changes are kept until you open it again." : ""}`}
      </span>
      {change === "changed" && (
        <button type="button" className="button" disabled={running} onClick={() => void reopen()}>
          Open again
        </button>
      )}
      <button type="button" className="icon-button" aria-label="Dismiss" onClick={dismiss}>
        <CloseIcon />
      </button>
    </div>
  );
}
