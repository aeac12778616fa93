import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { launchStudio } from "./launch.ts";
import { violations } from "./support/axe.ts";
import { answerOpenDialogs } from "./support/dialogs.ts";
import { cacheModel } from "./support/hub-cache.ts";
import { card, measureModels, pickModels } from "./support/models.ts";
import { expect, test } from "./support/workspace.ts";

const panel = (ui: Page) => ui.getByRole("dialog", { name: "Settings" });
const output = (ui: Page) => ui.locator(".output-control-path .name");

test("settings are reached and changed by keyboard, hold at once, and are there at the next start", async ({
  folder,
}) => {
  const profile = join(folder, "profile");
  const first = await launchStudio({ profile });
  const { ui } = first;
  await expect(ui.getByRole("status", { name: "Engine" })).toContainText("CPU");
  await ui.keyboard.press("Control+,");
  await expect(panel(ui)).toBeVisible();
  expect(await violations(ui)).toEqual([]);
  // The appearance: arrow keys go from one to the next, and the window follows.
  await panel(ui).getByRole("radio", { name: "As the system’s" }).press("ArrowRight");
  await expect(panel(ui).getByRole("radio", { name: "Light" })).toBeChecked();
  await ui.keyboard.press("ArrowRight");
  await expect(panel(ui).getByRole("radio", { name: "Dark" })).toBeChecked();
  await expect.poll(() => first.app.evaluate(({ nativeTheme }) => nativeTheme.themeSource)).toBe("dark");
  expect(await violations(ui)).toEqual([]);
  await panel(ui).getByRole("radio", { name: "As the target’s" }).press("ArrowRight");
  const size = panel(ui).getByRole("textbox", { name: "Largest file" });
  await size.fill("half");
  await expect(size).toHaveAttribute("aria-invalid", "true");
  await size.press("Escape");
  await expect(size).toHaveValue("5 GB");
  await expect(panel(ui)).toBeVisible();
  await size.fill("2gib");
  await size.press("Enter");
  await expect(size).toHaveValue("2 GiB");
  await panel(ui)
    .getByRole("checkbox", { name: /^Keep them/ })
    .press("Space");
  await ui.keyboard.press("Escape");
  await expect(panel(ui)).toHaveCount(0);
  const kept = JSON.parse(await readFile(join(profile, "settings.json"), "utf8"));
  expect(kept).toMatchObject({ appearance: "dark", outputDtype: "BF16", shardBytes: 2 ** 31, keepMeasurements: false });
  await first.close();

  const second = await launchStudio({ profile });
  await expect(second.ui.getByRole("status", { name: "Engine" })).toContainText("CPU");
  await second.ui.keyboard.press("Control+k");
  await second.ui.keyboard.type("preferences");
  await second.ui.keyboard.press("Enter");
  await expect(panel(second.ui).getByRole("radio", { name: "Dark" })).toBeChecked();
  await expect(panel(second.ui).getByRole("radio", { name: "bf16" })).toBeChecked();
  await expect(panel(second.ui).getByRole("textbox", { name: "Largest file" })).toHaveValue("2 GiB");
  await second.close();
});

test("new recipes begin with the settings, a begun one keeps its own and has options of its own", async ({
  folder,
  samples,
}) => {
  const profile = join(folder, "profile");
  const exportsFolder = join(folder, "exports");
  await mkdir(profile);
  await mkdir(exportsFolder);
  await writeFile(join(profile, "settings.json"), JSON.stringify({ version: 1, outputDtype: "F16" }));
  const studio = await launchStudio({ profile });
  const { app, ui } = studio;
  await pickModels(studio, samples);
  const options = ui.getByRole("button", { name: /^Options/ });
  await expect(options).toHaveText("Options: f16");
  await expect(ui.locator(".merge-bar-figure", { hasText: "Writes" })).toContainText("f16");

  // Where exports go is proposed anew at once.
  await ui.keyboard.press("Control+,");
  await answerOpenDialogs(app, [exportsFolder]);
  await panel(ui).getByRole("button", { name: "Choose folder for exports…" }).click();
  await expect(panel(ui)).toContainText("exports");
  await panel(ui).getByRole("radio", { name: "f32" }).click();
  await ui.keyboard.press("Escape");
  await expect(output(ui)).toContainText(join("exports", "target-chat"));
  await expect(options).toHaveText("Options: f16");

  await options.press("Enter");
  const dialog = ui.getByRole("dialog", { name: "Output options" });
  expect(await violations(ui)).toEqual([]);
  await dialog.getByRole("radio", { name: "bf16" }).click();
  await dialog.getByRole("textbox", { name: "Largest file" }).fill("1MB");
  await ui.keyboard.press("Enter");
  await ui.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await expect(options).toHaveText(/^Options: bf16, files of 1.00.MB$/);
  await expect(options).toBeFocused();
  await expect(ui.locator(".merge-bar-figure", { hasText: "Writes" })).toContainText("bf16");
  await ui.keyboard.press("Control+z");
  await ui.keyboard.press("Control+z");
  await expect(options).toHaveText("Options: f16");
  await studio.close();
});

test("what computes is chosen, is what computes from then on, and is named with what was found", async ({
  samples,
}) => {
  const studio = await launchStudio();
  const { ui } = studio;
  const engine = ui.getByRole("status", { name: "Engine" });
  await expect(engine).toContainText("CPU");
  await ui.keyboard.press("Control+,");
  const choice = (name: string) => panel(ui).getByRole("radio", { name: new RegExp(`^${name}`) });
  await expect(choice("Automatic")).toBeChecked();
  await expect(panel(ui)).toContainText(/Took CPU, \d+ threads? \(WASM SIMD\), because the only GPU is software/);
  await expect(panel(ui)).toContainText(/SwiftShader \(CPU\): WebGPU in software/);
  await choice("GPU").check();
  await expect(engine).toContainText("SwiftShader (CPU), WebGPU in software");
  // What was chosen by itself is still said.
  await expect(panel(ui)).toContainText(/Took CPU, \d+ threads?/);
  await ui.keyboard.press("Escape");
  await measureModels(studio, samples);
  await ui.keyboard.press("Control+,");
  await choice("CPU").check();
  await expect(engine).toContainText(/^CPU, \d+ threads?/);
  await studio.close();

  const fixed = await launchStudio({ env: { CHAT_VECTOR_BACKEND: "cpu" } });
  await expect(fixed.ui.getByRole("status", { name: "Engine" })).toContainText(/^CPU, /);
  await fixed.ui.keyboard.press("Control+,");
  await expect(panel(fixed.ui)).toContainText("CHAT_VECTOR_BACKEND=cpu was set");
  await expect(panel(fixed.ui).getByRole("radio", { name: /^GPU/ })).toBeDisabled();
  await fixed.close();
});

test("further folders are looked through for models, beside the Hugging Face cache, and can be left out again", async ({
  folder,
  samples,
}) => {
  const hub = join(folder, "hub");
  await cacheModel(hub, "org/llama", samples.base);
  const studio = await launchStudio({ env: { HF_HUB_CACHE: hub } });
  const { app, ui } = studio;
  await card(ui, "Chat").getByRole("button", { name: "Recent and cached…" }).press("Enter");
  const picker = ui.getByRole("dialog", { name: "Choose the chat model" });
  await expect(picker.getByRole("option")).toHaveCount(1);
  await picker.getByRole("button", { name: "Folders…" }).press("Enter");
  await expect(panel(ui)).toContainText("Hugging Face cache, by HF_HUB_CACHE");
  await expect(panel(ui)).toContainText("1 model");
  await answerOpenDialogs(app, [samples.chat.replace(/chat$/, "")]);
  await panel(ui).getByRole("button", { name: "Add folder…" }).click();
  await expect(panel(ui)).toContainText("3 models");
  expect(await violations(ui)).toEqual([]);
  await ui.keyboard.press("Escape");
  // The focus is where it was before the list was opened.
  await expect(card(ui, "Chat").getByRole("button", { name: "Recent and cached…" })).toBeFocused();
  await ui.keyboard.press("Enter");
  await expect(picker.getByRole("option")).toHaveCount(4);
  await picker.getByRole("combobox").fill("chat");
  await expect(picker.getByRole("option")).toHaveCount(1);
  await ui.keyboard.press("Enter");
  await expect(card(ui, "Chat")).toHaveAttribute("data-state", "loaded");
  await ui.keyboard.press("Control+,");
  await panel(ui)
    .getByRole("button", { name: /^Stop looking in/ })
    .click();
  await expect(panel(ui)).not.toContainText("3 models");
  await studio.close();
});

test("measurements are kept or not, counted, and forgotten; a broken file of settings is set aside and said; logs are shown", async ({
  folder,
  samples,
}) => {
  const profile = join(folder, "profile");
  await mkdir(profile);
  await writeFile(join(profile, "settings.json"), "{broken");
  const studio = await launchStudio({ profile });
  const { app, ui } = studio;
  await expect(ui.getByRole("region", { name: "Notices" })).toContainText("settings.broken.json");
  expect(await readFile(join(profile, "settings.broken.json"), "utf8")).toBe("{broken");
  await measureModels(studio, samples);
  await ui.keyboard.press("Control+,");
  await expect(panel(ui).getByText(/^1 measurement, /)).toBeVisible();
  await panel(ui).getByRole("button", { name: "Forget them" }).click();
  await expect(panel(ui).getByText("None is kept")).toBeVisible();
  await app.evaluate(({ shell }) => {
    shell.openPath = async (path: string) => {
      Object.assign(globalThis, { openedByTest: path });
      return "";
    };
  });
  await panel(ui).getByRole("button", { name: "Show logs in their folder" }).click();
  const opened = () => app.evaluate(() => (globalThis as unknown as { openedByTest?: string }).openedByTest);
  await expect.poll(opened).toBe(join(profile, "logs"));
  await studio.close();
});
