import fc from "fast-check";
import { expect, it } from "vitest";
import { placeNote } from "./place-note.ts";

const note = { width: 250, height: 150 };
const screen = { width: 1280, height: 800 };

it("stands in a column or left of the middle, at the bottom, where it covers least", () => {
  const column = { x: 0, y: 40, width: 271, height: 690 };
  expect(placeNote(column, note, screen, "within")).toEqual({ x: 12, y: 568 });
  const middle = { x: 272, y: 40, width: 704, height: 692 };
  expect(placeNote(middle, note, screen, "left")).toEqual({ x: 10, y: 570 });
});

it("stands above at the near edge: the left one of what is at the left, the right one of what is at the right", () => {
  expect(placeNote({ x: 18, y: 748, width: 340, height: 36 }, note, screen, "above")).toEqual({ x: 18, y: 586 });
  expect(placeNote({ x: 1183, y: 749, width: 79, height: 36 }, note, screen, "above")).toEqual({ x: 1012, y: 587 });
});

it("never leaves a window that is large enough for it", () => {
  const coordinate = fc.integer({ min: -3000, max: 3000 });
  const length = fc.integer({ min: 0, max: 3000 });
  const side = fc.constantFrom("within", "left", "above", "below");
  fc.assert(
    fc.property(coordinate, coordinate, length, length, side, (x, y, width, height, beside) => {
      const placed = placeNote({ x, y, width, height }, note, screen, beside);
      expect(placed.x).toBeGreaterThanOrEqual(8);
      expect(placed.y).toBeGreaterThanOrEqual(8);
      expect(placed.x + note.width).toBeLessThanOrEqual(screen.width - 8);
      expect(placed.y + note.height).toBeLessThanOrEqual(screen.height - 8);
    }),
  );
});
