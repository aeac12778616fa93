import { type RefObject, useLayoutEffect, useState } from "react";

export interface ElementSize {
  readonly width: number;
  readonly height: number;
}

/** The content box of an element, followed as it changes; zero before it is laid out. */
export function useElementSize(element: RefObject<HTMLElement | null>): ElementSize {
  const [size, setSize] = useState<ElementSize>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const observed = element.current;
    if (observed === null) return;
    const read = (width: number, height: number) =>
      setSize((before) => (before.width === width && before.height === height ? before : { width, height }));
    const style = getComputedStyle(observed);
    const horizontal = Number.parseFloat(style.paddingLeft) + Number.parseFloat(style.paddingRight);
    const vertical = Number.parseFloat(style.paddingTop) + Number.parseFloat(style.paddingBottom);
    read(observed.clientWidth - horizontal, observed.clientHeight - vertical);
    const resized = new ResizeObserver(([entry]) => {
      if (entry !== undefined) read(entry.contentRect.width, entry.contentRect.height);
    });
    resized.observe(observed);
    return () => resized.disconnect();
  }, [element]);
  return size;
}
