import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { launchStudio, type Studio } from "./launch.ts";
import { answerOpenDialogs, answerSaveDialog } from "./support/dialogs.ts";
import { answerMessageBoxes, questionsAsked } from "./support/message-boxes.ts";
import { pickModels } from "./support/models.ts";
import { slowEngine } from "./support/slow-engine.ts";
import { expect, type SamplePaths, test } from "./support/workspace.ts";

let studio: Studio;

test.beforeEach(async () => {
  studio = await launchStudio();
});

test.afterEach(async () => {
  await studio.close().catch(() => undefined);
});

/** Asks the window to close, as its button does. */
async function closeWindow(): Promise<void> {
  await studio.app.evaluate(({ BrowserWindow }) => {
    const window = BrowserWindow.getAllWindows().find((each) => each.webContents.getURL().startsWith("studio://app/"));
    // Later, so that the answer to this comes before the program ends.
    setTimeout(() => window?.close());
  });
}

const ended = () => new Promise<void>((resolve) => studio.app.process().once("exit", () => resolve()));

async function openEdited(folder: string, { target, chat, base }: SamplePaths): Promise<string> {
  const path = join(folder, "merge.yaml");
  await writeFile(path, `target: ${target}\nvectors:\n  - {chat: ${chat}, base: ${base}, scale: 0.7}\n`);
  await answerOpenDialogs(studio.app, [path]);
  const { ui } = studio;
  await ui.getByRole("button", { name: /^Recipe:/ }).waitFor();
  await ui.keyboard.press("Control+o");
  await expect(ui.getByRole("button", { name: /^Recipe:/ })).toContainText("merge.yaml");
  await ui.getByRole("spinbutton", { name: "Scale λ" }).fill("0.4");
  await expect(ui.getByRole("button", { name: /^Recipe:/ })).toContainText("edited");
  // Main is told a moment later.
  await ui.waitForTimeout(300);
  return path;
}

async function startSlowExport(folder: string, largeSamples: SamplePaths): Promise<string> {
  const { app, ui, engine } = studio;
  await slowEngine(engine, 400);
  await pickModels(studio, largeSamples);
  const out = join(folder, "merged");
  await answerSaveDialog(app, out);
  await ui.getByRole("button", { name: "Change output folder…" }).click();
  await ui.getByRole("button", { name: /^Export/ }).click();
  await expect(ui.getByRole("region", { name: "Export" })).toContainText(/Merging|written/, { timeout: 60_000 });
  return out;
}

test("changes of a recipe are asked about: cancelled, then saved, and then the program ends", async ({
  folder,
  samples,
}) => {
  const path = await openEdited(folder, samples);
  await answerMessageBoxes(studio.app, [2, 0]);
  await closeWindow();
  await expect.poll(() => questionsAsked(studio.app)).toEqual(["Save the changes of merge.yaml before closing?"]);
  await expect(studio.ui.getByRole("spinbutton", { name: "Scale λ" })).toHaveValue("0.4");
  const end = ended();
  await closeWindow();
  await end;
  expect(await readFile(path, "utf8")).toContain("scale: 0.4");
});

test("quitting asks as well, and changes that are let go are not written", async ({ folder, samples }) => {
  const path = await openEdited(folder, samples);
  await answerMessageBoxes(studio.app, [2, 1]);
  await studio.app.evaluate(({ app }) => app.quit());
  await expect.poll(() => questionsAsked(studio.app)).toHaveLength(1);
  // The engine goes on after a quit that was called off.
  await expect(studio.ui.getByRole("status", { name: "Engine" })).not.toContainText("failed");
  const end = ended();
  await studio.app.evaluate(({ app }) => void setTimeout(() => app.quit()));
  await end;
  expect(await readFile(path, "utf8")).toContain("scale: 0.7");
});

test("models and one λ are not asked about; a curve without a file is", async ({ samples }) => {
  const { ui, app } = studio;
  await pickModels(studio, samples);
  await ui.getByRole("spinbutton", { name: "Scale λ" }).fill("0.4");
  await ui.getByRole("button", { name: "Presets" }).click();
  await ui.getByRole("menuitem", { name: "Ramp up" }).click();
  await ui.waitForTimeout(300);
  await answerMessageBoxes(app, [2]);
  await closeWindow();
  await expect.poll(() => questionsAsked(app)).toEqual(["Save the recipe before closing?"]);
  await ui.keyboard.press("Control+z");
  await ui.waitForTimeout(300);
  const end = ended();
  await closeWindow();
  await end;
});

test("a running export is asked about, goes on, and is stopped to be gone on with", async ({
  folder,
  largeSamples,
}) => {
  await startSlowExport(folder, largeSamples);
  await answerMessageBoxes(studio.app, [0, 1]);
  await closeWindow();
  await expect.poll(() => questionsAsked(studio.app)).toEqual(["An export is running"]);
  await expect(studio.ui.getByRole("region", { name: "Export" })).toContainText(/Merging|written/);
  const end = ended();
  await closeWindow();
  await end;
  expect(existsSync(join(folder, "merged"))).toBe(false);
});

test("a system that shuts down is not held up by a question", async ({ folder, largeSamples }) => {
  test.skip(process.platform === "win32", "Windows has no such signal");
  await startSlowExport(folder, largeSamples);
  await answerMessageBoxes(studio.app, []);
  const end = ended();
  const began = Date.now();
  studio.app.process().kill("SIGTERM");
  await end;
  expect(Date.now() - began).toBeLessThan(20_000);
});

test("closed as soon as it is there, while its engine is starting, the program ends", async ({ folder }) => {
  for (let start = 0; start < 4; start++) {
    await studio.close();
    studio = await launchStudio({ profile: join(folder, "profile") });
  }
});
