import { createContext, use } from "react";
import { useStore } from "zustand";
import type { StudioState } from "./studio-state.ts";
import type { StudioStore } from "./studio-store.ts";

export const StudioStoreContext = createContext<StudioStore | null>(null);

/** The store itself, for what is asked of the state now and then; rendering reads it through `useStudio`. */
export function useStudioStore(): StudioStore {
  const store = use(StudioStoreContext);
  if (store === null) throw new Error("useStudio outside StudioStoreContext");
  return store;
}

/** Reads a part of the state; renders again when that part changes. */
export function useStudio<Part>(select: (state: StudioState) => Part): Part {
  return useStore(useStudioStore(), select);
}
