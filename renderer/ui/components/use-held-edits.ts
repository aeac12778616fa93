import { useEffect } from "react";
import { useStudioStore } from "../store/use-studio.tsx";

/** From the press of a mouse button to its release, what is dragged is one step of undo. */
export function useHeldEdits(): void {
  const store = useStudioStore();
  useEffect(() => {
    const hold = () => store.getState().holdEdit(true);
    const release = () => store.getState().holdEdit(false);
    window.addEventListener("pointerdown", hold, true);
    for (const type of ["pointerup", "pointercancel", "blur"]) window.addEventListener(type, release);
    return () => {
      window.removeEventListener("pointerdown", hold, true);
      for (const type of ["pointerup", "pointercancel", "blur"]) window.removeEventListener(type, release);
    };
  }, [store]);
}
