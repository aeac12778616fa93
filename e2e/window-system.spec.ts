import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ElectronApplication } from "@playwright/test";
import { launchStudio, type Studio } from "./launch.ts";
import { answerSaveDialog } from "./support/dialogs.ts";
import { pickModels } from "./support/models.ts";
import { expect, test } from "./support/workspace.ts";

interface Watched {
  readonly bars: number[];
  readonly blockers: number[];
  readonly released: number[];
  readonly notices: string[];
}

/** Notes what the system is asked for from now on. */
async function watchSystem(app: ElectronApplication, focused: boolean): Promise<void> {
  await app.evaluate(({ BrowserWindow, Notification, powerSaveBlocker }, isFocused) => {
    const watched: Watched = { bars: [], blockers: [], released: [], notices: [] };
    Object.assign(globalThis, { watchedByTest: watched });
    BrowserWindow.prototype.setProgressBar = (progress: number) => void watched.bars.push(progress);
    BrowserWindow.prototype.isFocused = () => isFocused;
    Notification.isSupported = () => true;
    Notification.prototype.show = function (this: Electron.Notification) {
      watched.notices.push(`${this.title}: ${this.body}`);
    };
    const { start, stop } = powerSaveBlocker;
    powerSaveBlocker.start = (type) => {
      const id = start.call(powerSaveBlocker, type);
      watched.blockers.push(id);
      return id;
    };
    powerSaveBlocker.stop = (id) => {
      watched.released.push(id);
      return stop.call(powerSaveBlocker, id);
    };
  }, focused);
}

const watched = (app: ElectronApplication) =>
  app.evaluate(() => (globalThis as unknown as { watchedByTest: Watched }).watchedByTest);

async function exportTo({ app, ui }: Studio, out: string): Promise<void> {
  await answerSaveDialog(app, out);
  await ui.getByRole("button", { name: "Change output folder…" }).click();
  await ui.getByRole("button", { name: /^Export/ }).click();
  await expect(ui.getByRole("region", { name: "Export" })).toContainText("Written and verified", { timeout: 60_000 });
}

test("an export keeps the machine awake, shows its progress, and is said at the end to who looks elsewhere", async ({
  folder,
  samples,
}) => {
  const studio = await launchStudio();
  await pickModels(studio, samples);
  await watchSystem(studio.app, false);
  await exportTo(studio, join(folder, "away"));
  const { bars, blockers, released, notices } = await watched(studio.app);
  expect(Math.max(...bars)).toBeGreaterThan(0);
  expect(bars.at(-1)).toBe(-1);
  expect(blockers).toHaveLength(1);
  expect(released).toEqual(blockers);
  expect(notices).toEqual(["Export finished: away is written and verified"]);
  await watchSystem(studio.app, true);
  await exportTo(studio, join(folder, "here"));
  expect((await watched(studio.app)).notices).toEqual([]);
  await studio.close();
});

const boundsOf = (app: ElectronApplication) =>
  app.evaluate(({ BrowserWindow }) => {
    const windows = BrowserWindow.getAllWindows();
    const window = windows.find((each) => each.webContents.getURL().startsWith("studio://app/"));
    return window?.getNormalBounds() ?? null;
  });

test("the window comes back where it was, and a place on a screen that is gone is forgotten", async ({ folder }) => {
  const profile = join(folder, "profile");
  const place = { x: 40, y: 30, width: 1000, height: 640 };
  let studio = await launchStudio({ profile });
  await studio.app.evaluate(({ BrowserWindow }, bounds) => {
    const windows = BrowserWindow.getAllWindows();
    windows.find((each) => each.webContents.getURL().startsWith("studio://app/"))?.setBounds(bounds);
  }, place);
  await expect.poll(() => boundsOf(studio.app)).toEqual(place);
  await studio.close();
  studio = await launchStudio({ profile });
  await expect.poll(() => boundsOf(studio.app)).toEqual(place);
  await studio.close();
  const file = join(profile, "window-place.json");
  const kept = JSON.parse(await readFile(file, "utf8"));
  await writeFile(file, JSON.stringify({ ...kept, x: 50_000 }));
  studio = await launchStudio({ profile });
  await expect.poll(async () => (await boundsOf(studio.app))?.x).toBeLessThan(5000);
  await studio.close();
  await writeFile(file, "{ damaged");
  studio = await launchStudio({ profile });
  await expect.poll(() => boundsOf(studio.app)).toMatchObject({ width: 1280, height: 800 });
  await studio.close();
});

test("the appearance that is chosen is taken at once, and at the next start", async ({ folder }) => {
  const profile = join(folder, "profile");
  let studio = await launchStudio({ profile });
  const source = () => studio.app.evaluate(({ nativeTheme }) => nativeTheme.themeSource);
  for (const appearance of ["light", "dark"] as const) {
    await studio.ui.getByRole("button", { name: /^Commands/ }).click();
    await studio.ui.keyboard.type(`appearance ${appearance}`);
    await studio.ui.keyboard.press("Enter");
    await expect.poll(source).toBe(appearance);
  }
  await studio.close();
  studio = await launchStudio({ profile });
  expect(await source()).toBe("dark");
  await studio.close();
});
