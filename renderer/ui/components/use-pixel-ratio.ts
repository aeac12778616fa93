import { useSyncExternalStore } from "react";

/** Calls back once the ratio differs from the present one, again and again. */
function followRatio(changed: () => void): () => void {
  let query = window.matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
  const onChange = () => {
    query.removeEventListener("change", onChange);
    query = window.matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
    query.addEventListener("change", onChange);
    changed();
  };
  query.addEventListener("change", onChange);
  return () => query.removeEventListener("change", onChange);
}

/** Device pixels to a CSS pixel; changes with zoom and from screen to screen. */
export function usePixelRatio(): number {
  return useSyncExternalStore(followRatio, () => window.devicePixelRatio);
}
