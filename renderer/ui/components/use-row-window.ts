import { type RefObject, useCallback, useEffect, useState } from "react";

/** Rows rendered beyond what is seen, so that a fast scroll shows no gap. */
const overscan = 12;

export interface RowWindow {
  /** Rows to render: from `first` up to, without, `end`. */
  readonly first: number;
  readonly end: number;
  /** Rows that fit between the header and the lower edge. */
  readonly pageSize: number;
  /** Scrolls a row into view when it is not. */
  readonly reveal: (index: number) => void;
}

/**
 * Which rows of equal height are in view, for a scroller whose sticky header is one row high: only these are rendered,
 * so a hundred thousand rows cost what a screenful does.
 */
export function useRowWindow(
  scroller: RefObject<HTMLElement | null>,
  rowCount: number,
  rowHeightPx: number,
): RowWindow {
  const [view, setView] = useState({ top: 0, rows: 40 });

  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const read = () => {
      const top = Math.floor(element.scrollTop / rowHeightPx);
      const rows = Math.ceil(element.clientHeight / rowHeightPx);
      setView((before) => (before.top === top && before.rows === rows ? before : { top, rows }));
    };
    read();
    const resized = new ResizeObserver(read);
    resized.observe(element);
    element.addEventListener("scroll", read, { passive: true });
    return () => {
      resized.disconnect();
      element.removeEventListener("scroll", read);
    };
  }, [scroller, rowHeightPx]);

  const reveal = useCallback(
    (index: number) => {
      const element = scroller.current;
      if (element === null) return;
      const top = index * rowHeightPx;
      const bottom = top + 2 * rowHeightPx - element.clientHeight;
      if (top < element.scrollTop) element.scrollTop = top;
      else if (bottom > element.scrollTop) element.scrollTop = bottom;
    },
    [scroller, rowHeightPx],
  );

  const first = Math.max(0, Math.min(view.top, rowCount) - overscan);
  return {
    first,
    end: Math.min(rowCount, view.top + view.rows + overscan),
    pageSize: Math.max(1, view.rows - 2),
    reveal,
  };
}
