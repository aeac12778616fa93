import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { launchStudio, type Studio } from "./launch.ts";
import { answerSaveDialog } from "./support/dialogs.ts";
import { drop } from "./support/drop.ts";
import { answerMessageBoxes, questionsAsked } from "./support/message-boxes.ts";
import { card, measureStatus, pickModels, untilMeasured } from "./support/models.ts";
import { slowEngine } from "./support/slow-engine.ts";
import { closeWindow, titlesOf, uiWindows, windowThatComes } from "./support/windows.ts";
import { expect, type SamplePaths, test } from "./support/workspace.ts";

let studio: Studio;

test.beforeEach(async () => {
  studio = await launchStudio();
});

test.afterEach(async () => {
  await studio.close();
});

const another = () => windowThatComes(studio.app, () => studio.ui.keyboard.press("Control+n"));
const exportOf = (ui: Page) => ui.getByRole("region", { name: "Export" });

async function startExport(ui: Page, out: string): Promise<void> {
  await answerSaveDialog(studio.app, out);
  await ui.getByRole("button", { name: "Change output folder…" }).click();
  await ui.getByRole("button", { name: /^Export/ }).click();
}

async function writeRecipe(path: string, { target, chat, base }: SamplePaths, scale: number): Promise<string> {
  await writeFile(path, `target: ${target}\nvectors:\n  - {chat: ${chat}, base: ${base}, scale: ${scale}}\n`);
  return path;
}

test("one window merges, another waits for it, says so and may give up; closing that one leaves the first", async ({
  folder,
  largeSamples,
}) => {
  await studio.ui.getByRole("button", { name: /^Recipe:/ }).waitFor();
  const second = await another();
  await slowEngine(studio.engine, 300);
  await drop(studio.ui, await writeRecipe(join(folder, "first.yaml"), largeSamples, 0.7));
  await expect(card(studio.ui, "Target")).toHaveAttribute("data-state", "loaded");
  await startExport(studio.ui, join(folder, "merged"));
  await expect(exportOf(studio.ui)).toContainText(/Merging|written/, { timeout: 60_000 });

  await pickModels({ ...studio, ui: second }, largeSamples);
  await expect(measureStatus(second)).toContainText("waits for the export of first.yaml");
  await startExport(second, join(folder, "other"));
  await expect(exportOf(second)).toContainText("Waits for the export of first.yaml");
  // It has its own, and nothing of the other's.
  await expect(exportOf(second)).not.toContainText("Merging");
  await expect(exportOf(studio.ui)).toContainText("Merging");
  await exportOf(second).getByRole("button", { name: "Cancel" }).click();
  await expect(exportOf(second)).toContainText("Export cancelled");

  // Once more, and closed while it waits.
  await second.getByRole("button", { name: /^Export/ }).click();
  await expect(exportOf(second)).toContainText("Waits for the export of first.yaml");
  await answerMessageBoxes(studio.app, [1]);
  await closeWindow(studio.app, second);
  await expect.poll(() => uiWindows(studio.app)).toHaveLength(1);
  expect(await questionsAsked(studio.app)).toEqual(["An export is running"]);
  await slowEngine(studio.engine, 0);
  await expect(exportOf(studio.ui)).toContainText("Written and verified", { timeout: 90_000 });
  expect(existsSync(join(folder, "merged", "config.json"))).toBe(true);
  expect(existsSync(join(folder, "other"))).toBe(false);
});

test("measuring goes window by window, an export in between, and what one measured the other need not read", async ({
  folder,
  largeSamples,
  samples,
}) => {
  await studio.ui.getByRole("button", { name: /^Recipe:/ }).waitFor();
  const [second, third] = [await another(), await another()];
  // Slow enough for a loaded machine to pick the other window's models meanwhile.
  await slowEngine(studio.engine, 350);
  await pickModels(studio, largeSamples);
  await expect(measureStatus(studio.ui)).toContainText("Measuring,");
  await pickModels({ ...studio, ui: second }, largeSamples);
  await expect(measureStatus(second)).toContainText("waits for the measuring of");
  await drop(third, await writeRecipe(join(folder, "third.yaml"), samples, 0.7));
  await expect(card(third, "Target")).toHaveAttribute("data-state", "loaded");
  await startExport(third, join(folder, "merged"));
  await expect(measureStatus(studio.ui)).toContainText(/waits for the export of third.yaml/);
  await slowEngine(studio.engine, 0);
  await expect(exportOf(third)).toContainText("Written and verified", { timeout: 90_000 });
  await untilMeasured(studio.ui);
  await untilMeasured(second);
  await expect(measureStatus(second)).toContainText("Remembered.");
});

test("a window knows nothing of another's models and jobs", async ({ folder, largeSamples }) => {
  await studio.ui.getByRole("button", { name: /^Recipe:/ }).waitFor();
  const second = await another();
  await slowEngine(studio.engine, 300);
  await pickModels(studio, largeSamples);
  await startExport(studio.ui, join(folder, "merged"));
  await expect(exportOf(studio.ui)).toContainText("Merging", { timeout: 60_000 });
  const job = await studio.ui.evaluate(() => window.studio.environment().then((environment) => environment.job?.id));
  expect(job).toBeDefined();
  const seen = await second.evaluate(async (id) => {
    await window.studio.cancelExport(id);
    await window.studio.pauseExport(id);
    const { job: own } = await window.studio.environment();
    return { own, moved: await window.studio.moveExport(id) };
  }, job ?? "");
  expect(seen.own).toBeNull();
  expect(seen.moved).toEqual({ ok: true, value: null });
  await expect(exportOf(studio.ui)).toContainText("Merging");
  await expect(exportOf(second)).toBeEmpty();
});

test("titles say the recipe and that it was edited, and the Window menu lists them", async ({ folder, samples }) => {
  const { ui, app } = studio;
  await ui.getByRole("button", { name: /^Recipe:/ }).waitFor();
  const second = await another();
  await drop(ui, await writeRecipe(join(folder, "first.yaml"), samples, 0.7));
  await expect.poll(() => titlesOf(app)).toEqual(["first.yaml – Chat Vector Studio", "New merge – Chat Vector Studio"]);
  await ui.getByRole("spinbutton", { name: "Scale λ" }).fill("0.4");
  await expect.poll(async () => (await titlesOf(app))[0]).toBe("first.yaml (edited) – Chat Vector Studio");
  const listed = () =>
    app.evaluate(({ Menu }) => {
      const menu = Menu.getApplicationMenu()?.items.find(({ label }) => label === "Window");
      return menu?.submenu?.items.filter(({ type }) => type === "checkbox").map(({ label }) => label) ?? [];
    });
  await expect.poll(listed).toEqual(["first.yaml", "New merge"]);
  // Each has its own history.
  await second.keyboard.press("Control+z");
  await expect(ui.getByRole("spinbutton", { name: "Scale λ" })).toHaveValue("0.4");
  await answerMessageBoxes(app, [2]);
  await app.evaluate(({ app: program }) => program.quit());
  await expect.poll(() => questionsAsked(app)).toEqual(["Save the changes of first.yaml before closing?"]);
  expect(uiWindows(app)).toHaveLength(2);
});
