import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { StudioState } from "./studio-state.ts";
import { createTeller } from "./tell-main.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A teller of one number or nothing, and what it told. */
function begin(believed: number | null) {
  const told: (number | null)[] = [];
  let present: number | null = believed;
  const tell = async (state: number | null) => void told.push(state);
  const teller = createTeller(
    tell,
    () => ({}) as StudioState,
    () => present,
    500,
    believed,
  );
  const change = (state: number | null) => {
    present = state;
    teller.follow();
  };
  return { told, teller, change };
}

test("changes that follow each other soon are told together, and what main knows is not told", async () => {
  const { told, change } = begin(null);
  change(1);
  change(2);
  await vi.advanceTimersByTimeAsync(500);
  expect(told).toEqual([2]);
  change(3);
  change(2);
  await vi.advanceTimersByTimeAsync(500);
  expect(told).toEqual([2]);
});

test("after main has got something else, the same is told again", async () => {
  const { told, teller, change } = begin(null);
  // Brought back and saved, before the page told of the first.
  teller.forget();
  change(1);
  teller.forget();
  change(null);
  await vi.advanceTimersByTimeAsync(500);
  expect(told).toEqual([null]);
});
