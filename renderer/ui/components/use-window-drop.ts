import { type DragEvent, useEffect, useState } from "react";
import { useStudio } from "../store/use-studio.tsx";

/**
 * Takes files dropped beside the cards, and keeps the page from navigating to a file dropped anywhere.
 * Returns whether a file is being dragged over the window.
 */
export function useWindowDrop(): boolean {
  const dropOnWindow = useStudio((state) => state.dropOnWindow);
  const [over, setOver] = useState(false);
  useEffect(() => {
    const allow = (event: globalThis.DragEvent) => {
      event.preventDefault();
      if (carriesFiles(event.dataTransfer)) setOver(true);
    };
    const leave = (event: globalThis.DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: globalThis.DragEvent) => {
      event.preventDefault();
      void dropOnWindow([...(event.dataTransfer?.files ?? [])]);
    };
    // Capturing, so that a card that takes the drop for itself still ends the highlight.
    const end = () => setOver(false);
    window.addEventListener("dragover", allow);
    window.addEventListener("dragleave", leave);
    window.addEventListener("drop", drop);
    window.addEventListener("drop", end, true);
    return () => {
      window.removeEventListener("dragover", allow);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("drop", drop);
      window.removeEventListener("drop", end, true);
    };
  }, [dropOnWindow]);
  return over;
}

export interface DropTarget {
  readonly over: boolean;
  readonly handlers: Record<"onDragOver" | "onDragLeave" | "onDrop", (event: DragEvent) => void>;
}

/** What a card carries when it is dragged by its role. No other program takes it. */
export const roleDragType = "application/x-chat-vector-role";

/** Makes an element a drop target of its own: for files, and for a card that changes places with it. */
export function useDropTarget(drop: (files: readonly File[]) => void, dropRole: (role: string) => void): DropTarget {
  const [over, setOver] = useState(false);
  return {
    over,
    handlers: {
      onDragOver: (event) => {
        if (carriesFiles(event.dataTransfer) || event.dataTransfer.types.includes(roleDragType)) setOver(true);
      },
      onDragLeave: (event) => {
        if (!(event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget))) setOver(false);
      },
      onDrop: (event) => {
        event.preventDefault();
        event.stopPropagation();
        setOver(false);
        const role = event.dataTransfer.getData(roleDragType);
        if (role !== "") dropRole(role);
        else drop([...event.dataTransfer.files]);
      },
    },
  };
}

function carriesFiles(transfer: DataTransfer | null): boolean {
  return transfer?.types.includes("Files") ?? false;
}
