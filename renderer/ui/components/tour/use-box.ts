import { useLayoutEffect, useState } from "react";
import type { Box } from "../../tour/place-note.ts";

/**
 * Where an element stands in the window, followed while it is there; null while it is not. Looked at with every frame: what
 * moves it may be anything, and it is looked at only while something points to it.
 */
export function useBox(selector: string): Box | null {
  const [box, setBox] = useState<Box | null>(null);
  useLayoutEffect(() => {
    let frame = 0;
    const look = () => {
      const rectangle = document.querySelector(selector)?.getBoundingClientRect();
      setBox((before) => (rectangle === undefined ? null : same(before, rectangle) ? before : boxOf(rectangle)));
      frame = requestAnimationFrame(look);
    };
    look();
    return () => cancelAnimationFrame(frame);
  }, [selector]);
  return box;
}

function boxOf({ x, y, width, height }: DOMRect): Box {
  return { x, y, width, height };
}

function same(box: Box | null, { x, y, width, height }: DOMRect): boolean {
  return box !== null && box.x === x && box.y === y && box.width === width && box.height === height;
}
