import { z } from "zod";
import type { KeptJson } from "../kept/kept-json.ts";

/** `tour.json`: with `{"version": 1, "shown": true}` the tour does not come by itself. */
export const tourSchema = z.strictObject({ version: z.literal(1), shown: z.boolean() });

/** Whether the tour comes by itself: true once for each profile, however often it is asked. */
export function takeFirstTour(kept: KeptJson<typeof tourSchema>): boolean {
  if (kept.read()?.shown === true) return false;
  kept.write({ version: 1, shown: true });
  return true;
}
