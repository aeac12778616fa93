import { useEffect } from "react";
import type { StudioState } from "../store/studio-state.ts";
import { useStudioStore } from "../store/use-studio.tsx";

/** Ctrl+O (⌘O) opens a recipe, Ctrl+S saves it, Ctrl+Shift+S under another name, Ctrl+Z and Ctrl+Shift+Z undo and redo. */
export function useRecipeKeys(): void {
  const store = useStudioStore();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
      const act = actionOf(event, store.getState());
      if (act === null) return;
      event.preventDefault();
      void act();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [store]);
}

function actionOf({ key, shiftKey, target }: KeyboardEvent, state: StudioState): (() => Promise<void>) | null {
  switch (key.toLowerCase()) {
    case "s":
      return () => state.saveRecipe({ as: shiftKey });
    case "o":
      return shiftKey ? null : state.openRecipe;
    case "z":
      return undoesItself(target) ? null : shiftKey ? state.redo : state.undo;
    case "y":
      return undoesItself(target) || shiftKey ? null : state.redo;
    default:
      return null;
  }
}

/** A field of text undoes what is typed in it. One for a number has told the recipe already. */
export function undoesItself(element: EventTarget | null): boolean {
  if (!(element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement)) return false;
  return element.getAttribute("role") !== "spinbutton" && !["checkbox", "radio", "range"].includes(element.type);
}
