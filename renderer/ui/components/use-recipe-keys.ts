import { useEffect } from "react";
import { useStudioStore } from "../store/use-studio.tsx";

/** Ctrl+O (⌘O) opens a recipe, Ctrl+S saves it, Ctrl+Shift+S under another name; wherever the focus is. */
export function useRecipeKeys(): void {
  const store = useStudioStore();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
      const key = event.key.toLowerCase();
      if (key === "s") void store.getState().saveRecipe({ as: event.shiftKey });
      else if (key === "o" && !event.shiftKey) void store.getState().openRecipe();
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [store]);
}
