import { useSyncExternalStore } from "react";
import type { Theme } from "../figures/colour-scales.ts";

const query = "(prefers-color-scheme: dark)";
const dark = window.matchMedia(query);
/** Never read: reading a list's `matches` before it has told its listeners of a change lets it tell nobody (Chromium). */
const told = window.matchMedia(query);

function followTheme(changed: () => void): () => void {
  told.addEventListener("change", changed);
  return () => told.removeEventListener("change", changed);
}

/** The system's theme, for what is painted and not styled. */
export function useTheme(): Theme {
  return useSyncExternalStore(followTheme, () => (dark.matches ? "dark" : "light"));
}
