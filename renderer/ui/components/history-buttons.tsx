import "./history-buttons.css";
import { isJobRunning } from "../store/job-phase.ts";
import { useStudio } from "../store/use-studio.tsx";
import { RedoIcon, UndoIcon } from "./icons.tsx";

/** Back and forth through the changes of the recipe. They stay focusable where there is nothing to go to. */
export function HistoryButtons() {
  const undone = useStudio((state) => state.past.at(-1)?.name ?? null);
  const redone = useStudio((state) => state.future.at(-1)?.name ?? null);
  const undo = useStudio((state) => state.undo);
  const redo = useStudio((state) => state.redo);
  const locked = useStudio(isJobRunning);
  const buttons = [
    { verb: "Undo", name: undone, go: undo, icon: <UndoIcon /> },
    { verb: "Redo", name: redone, go: redo, icon: <RedoIcon /> },
  ];
  return (
    <fieldset className="history-buttons" aria-label="Changes">
      {buttons.map(({ verb, name, go, icon }) => {
        const label = name === null ? verb : `${verb} change of ${name}`;
        return (
          <button
            key={verb}
            type="button"
            className="icon-button"
            aria-label={label}
            title={label}
            aria-disabled={name === null || locked}
            onClick={() => void go()}
          >
            {icon}
          </button>
        );
      })}
    </fieldset>
  );
}
