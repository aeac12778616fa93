import type { WaitsFor } from "../../../electron/api/exports.ts";

/** What has the engine, to go on after "waits for". */
export function waitsForText(waitsFor: WaitsFor | null): string {
  if (waitsFor === null) return "another window";
  const work = waitsFor.work === "export" ? "the export" : "the measuring";
  return waitsFor.window === null ? work : `${work} of ${waitsFor.window}`;
}
