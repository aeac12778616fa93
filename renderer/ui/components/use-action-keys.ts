import { useEffect } from "react";
import { actionFor, runAction } from "../actions/all-actions.ts";
import { useStudioStore } from "../store/use-studio.tsx";

/** The actions' shortcuts, wherever the focus is; and what is chosen in the native menus. */
export function useActionKeys(): void {
  const store = useStudioStore();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const action = actionFor(event);
      if (action === null || (isHistory(action.id) && undoesItself(event.target))) return;
      event.preventDefault();
      runAction(action.id, store.getState());
    };
    // Of a menu, and so without a key that the field could have taken.
    const unsubscribe = store.subscribe(({ chosenAction }) => {
      if (chosenAction === null) return;
      store.setState({ chosenAction: null });
      if (isHistory(chosenAction) && undoesItself(document.activeElement)) document.execCommand(chosenAction);
      else runAction(chosenAction, store.getState());
    });
    window.addEventListener("keydown", onKeyDown);
    return () => {
      unsubscribe();
      window.removeEventListener("keydown", onKeyDown);
    };
  }, [store]);
}

function isHistory(id: string): boolean {
  return id === "undo" || id === "redo";
}

/** A field of text undoes what is typed in it. One for a number has told the recipe already. */
function undoesItself(element: EventTarget | null): boolean {
  if (!(element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement)) return false;
  return element.getAttribute("role") !== "spinbutton" && !["checkbox", "radio", "range"].includes(element.type);
}
