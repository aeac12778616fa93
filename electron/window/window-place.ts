import type { BrowserWindow, Rectangle } from "electron";
import { z } from "zod";
import type { KeptJson } from "../kept/kept-json.ts";

const coordinate = z.number().int().min(-100_000).max(100_000);
const length = z.number().int().min(1).max(100_000);

/** The file that a window's place is kept in. */
export function placeFile(slot: number): string {
  return slot === 0 ? "window-place.json" : `window-place-${slot + 1}.json`;
}

/** Where the window was: its place while it is not maximised, in device-independent pixels. */
export const windowPlaceSchema = z.strictObject({
  version: z.literal(1),
  x: coordinate,
  y: coordinate,
  width: length,
  height: length,
  maximized: z.boolean(),
});
export type WindowPlace = z.output<typeof windowPlaceSchema>;

const defaultSize = { width: 1280, height: 800 } as const;
export const leastSize = { width: 720, height: 480 } as const;
/** What a window is taken hold of by, and how much of it must be seen. */
const titleBarHeight = 40;
const leastSeen = { width: 160, height: 20 } as const;

/** Nearer than this, one window hides the other's edge. */
const leastApart = 12;
/** A title bar's height and a little more: both titles can be read. */
const cascadeStep = 32;

/** The place for a window beside another one: where it was kept, unless it would lie upon the other; a step away then. */
export function placeBeside(kept: WindowPlace | null, front: WindowPlace | null): WindowPlace | null {
  if (front === null) return kept;
  const isUpon = kept === null || (Math.abs(kept.x - front.x) < leastApart && Math.abs(kept.y - front.y) < leastApart);
  if (!isUpon) return kept;
  return { ...(kept ?? front), x: front.x + cascadeStep, y: front.y + cascadeStep, maximized: false };
}

/**
 * The place for a new window: where it was, fitted into the screen that shows most of its upper edge; without a position, for
 * the system to choose, where that screen is gone.
 * @param workAreas of the screens that are there now
 */
export function placeOnScreens(
  kept: WindowPlace | null,
  workAreas: readonly Rectangle[],
): Partial<Rectangle> & Pick<Rectangle, "width" | "height"> {
  if (kept === null) return defaultSize;
  const seen = workAreas.map((area) => ({ area, ...overlap({ ...kept, height: titleBarHeight }, area) }));
  const [best] = seen.sort((one, other) => other.width * other.height - one.width * one.height);
  if (best === undefined || best.width < leastSeen.width || best.height < leastSeen.height) {
    const [area] = workAreas;
    return { width: clampLength(kept.width, "width", area), height: clampLength(kept.height, "height", area) };
  }
  const width = clampLength(kept.width, "width", best.area);
  const height = clampLength(kept.height, "height", best.area);
  return { x: kept.x, y: Math.max(kept.y, best.area.y), width, height };
}

function clampLength(value: number, side: "width" | "height", area: Rectangle | undefined): number {
  return Math.max(leastSize[side], Math.min(value, area?.[side] ?? value));
}

function overlap(one: Rectangle, other: Rectangle): Pick<Rectangle, "width" | "height"> {
  const side = (start: number, size: number, otherStart: number, otherSize: number) =>
    Math.max(0, Math.min(start + size, otherStart + otherSize) - Math.max(start, otherStart));
  return {
    width: side(one.x, one.width, other.x, other.width),
    height: side(one.y, one.height, other.y, other.height),
  };
}

/** Where a window is now, in a place that can be kept. */
export function placeOf(window: BrowserWindow): WindowPlace {
  const { x, y, width, height } = window.getNormalBounds();
  return { version: 1, x, y, width, height, maximized: window.isMaximized() };
}

/** Keeps the window's place when it closes. */
export function keepPlace(window: BrowserWindow, kept: KeptJson<typeof windowPlaceSchema>): void {
  window.on("close", () => kept.write(placeOf(window)));
}
