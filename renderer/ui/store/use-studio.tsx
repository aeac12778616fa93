import { createContext, use } from "react";
import { useStore } from "zustand";
import type { StudioState } from "./studio-state.ts";
import type { StudioStore } from "./studio-store.ts";

export const StudioStoreContext = createContext<StudioStore | null>(null);

/** Reads a part of the state; renders again when that part changes. */
export function useStudio<Part>(select: (state: StudioState) => Part): Part {
  const store = use(StudioStoreContext);
  if (store === null) throw new Error("useStudio outside StudioStoreContext");
  return useStore(store, select);
}
