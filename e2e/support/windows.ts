import type { ElectronApplication, Page } from "@playwright/test";
import { expect } from "./workspace.ts";

/** The windows that people see, in the order in which they came. */
export function uiWindows(app: ElectronApplication): readonly Page[] {
  return app.windows().filter((page) => page.url().startsWith("studio://app/"));
}

/** What brings another window; resolves with its page. */
export async function windowThatComes(app: ElectronApplication, bring: () => Promise<unknown>): Promise<Page> {
  const before = new Set(uiWindows(app));
  await bring();
  let added: Page | undefined;
  await expect
    .poll(() => {
      added = uiWindows(app).find((page) => !before.has(page));
      return added !== undefined;
    })
    .toBe(true);
  if (added === undefined) throw new Error("no window came");
  await added.getByRole("button", { name: /^Recipe:/ }).waitFor();
  return added;
}

export const titlesOf = (app: ElectronApplication): Promise<readonly string[]> =>
  app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()
      .filter((window) => window.webContents.getURL().startsWith("studio://app/"))
      .sort((one, other) => one.id - other.id)
      .map((window) => window.getTitle()),
  );

/** Asks a window to close, as its button does. */
export async function closeWindow(app: ElectronApplication, page: Page): Promise<void> {
  const browser = await app.browserWindow(page);
  // Later, so that the answer to this comes before it is gone.
  await browser.evaluate((window) => void setTimeout(() => window.close()));
}

/** What the system says when a person turns to a window. */
export async function turnTo(app: ElectronApplication, page: Page): Promise<void> {
  const browser = await app.browserWindow(page);
  await browser.evaluate((window) => void window.emit("focus"));
}
