import { useSyncExternalStore } from "react";
import type { Theme } from "../figures/colour-scales.ts";

const dark = window.matchMedia("(prefers-color-scheme: dark)");

function followTheme(changed: () => void): () => void {
  dark.addEventListener("change", changed);
  return () => dark.removeEventListener("change", changed);
}

/** The system's theme, for what is painted and not styled. */
export function useTheme(): Theme {
  return useSyncExternalStore(followTheme, () => (dark.matches ? "dark" : "light"));
}
