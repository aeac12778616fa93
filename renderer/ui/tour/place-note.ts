/** In CSS pixels of the window. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export type Side = "within" | "left" | "above" | "below";

/** From the control, and from the window's edge. */
const distance = 12;
const margin = 8;

/**
 * Where a note of this size stands: within a control or left of it at its bottom, above and below at its near edge; never
 * outside the window.
 */
export function placeNote(
  anchor: Box,
  note: Pick<Box, "width" | "height">,
  window: Pick<Box, "width" | "height">,
  side: Side,
): { readonly x: number; readonly y: number } {
  const isLeftHalf = anchor.x + anchor.width / 2 < window.width / 2;
  const alignedX = isLeftHalf ? anchor.x : anchor.x + anchor.width - note.width;
  const places: Readonly<Record<Side, readonly [x: number, y: number]>> = {
    within: [anchor.x + distance, anchor.y + anchor.height - distance - note.height],
    left: [anchor.x - distance - note.width, anchor.y + anchor.height - distance - note.height],
    above: [alignedX, anchor.y - distance - note.height],
    below: [alignedX, anchor.y + anchor.height + distance],
  };
  const [x, y] = places[side];
  return {
    x: Math.round(Math.max(margin, Math.min(x, window.width - margin - note.width))),
    y: Math.round(Math.max(margin, Math.min(y, window.height - margin - note.height))),
  };
}
