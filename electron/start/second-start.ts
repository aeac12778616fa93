import { app } from "electron";
import { z } from "zod";
import { type HandedPaths, handedIn, nothingHanded } from "./handed-paths.ts";

/** What a second start of the program tells the first one: its words, which Chromium would hand over in an order of its own. */
const secondStartSchema = z.strictObject({ words: z.array(z.string().max(32_768)).max(1000) });

/**
 * One program for each profile: false where there is one already, which has then been told what this one was started with. To be
 * called before the application is ready.
 */
export function isFirstStart(argv: readonly string[]): boolean {
  return app.requestSingleInstanceLock({ words: argv.slice(0, 1000) });
}

/** @param onSecond called with what a second start was handed */
export function onSecondStart(onSecond: (handed: HandedPaths) => void): void {
  app.on("second-instance", (_event, _argv, folder, told) => {
    const { data } = secondStartSchema.safeParse(told);
    onSecond(data === undefined ? nothingHanded : handedIn(data.words, folder));
  });
}
