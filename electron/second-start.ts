import { app } from "electron";
import { z } from "zod";
import { recipeHanded } from "./handed-recipe.ts";

/** What a second start of the program tells the first one: its words, which Chromium would hand over in an order of its own. */
const secondStartSchema = z.strictObject({ words: z.array(z.string().max(32_768)).max(1000) });

/**
 * One program for each profile: false where there is one already, which has then been told what this one was started with. To be
 * called before the application is ready.
 */
export function isFirstStart(argv: readonly string[]): boolean {
  return app.requestSingleInstanceLock({ words: argv.slice(0, 1000) });
}

/** @param onSecond called with the recipe that a second start was handed, as an absolute path, or null */
export function onSecondStart(onSecond: (recipe: string | null) => void): void {
  app.on("second-instance", (_event, _argv, folder, told) => {
    const { data } = secondStartSchema.safeParse(told);
    onSecond(data === undefined ? null : recipeHanded(data.words, folder));
  });
}
