import { expect, test } from "vitest";
import { formatMoment } from "./format-moment.ts";

const at = (text: string) => new Date(text).getTime();

test.each([
  ["2026-11-03T10:32:00", "2026-11-03T23:59:00", "10:32"],
  ["2026-11-03T10:32:00", "2026-11-04T00:01:00", "3 Nov, 10:32"],
  ["2025-11-03T09:05:00", "2026-11-03T10:32:00", "3 Nov 2025, 09:05"],
])("%s, told at %s, is %s", (moment, now, text) => {
  expect(formatMoment(at(moment), at(now))).toBe(text);
});
