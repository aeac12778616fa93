import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { launchStudio, type Studio } from "./launch.ts";
import { answerOpenDialogs, answerSaveDialog } from "./support/dialogs.ts";
import { activeCell } from "./support/heatmap.ts";
import { card, untilMeasured } from "./support/models.ts";
import { expect, test } from "./support/workspace.ts";

let studio: Studio;

test.beforeEach(async () => {
  studio = await launchStudio();
});

test.afterEach(async () => {
  await studio.close();
});

/** What has the focus: its role or element, its name, and the named region around it. */
async function focused(ui: Page): Promise<string> {
  return ui.evaluate(() => {
    const { activeElement: element } = document;
    if (element === null || element === document.body) return "nothing";
    const region = element.closest("section[aria-label]")?.getAttribute("aria-label") ?? "";
    const name = element.getAttribute("aria-label") ?? element.textContent ?? "";
    return `${element.getAttribute("role") ?? element.localName} ${name} in ${region}`;
  });
}

/** Tab, and nothing else, until this has the focus. */
async function tabTo(ui: Page, wanted: RegExp, key = "Tab"): Promise<void> {
  const seen: string[] = [];
  for (let presses = 0; presses < 80; presses++) {
    await ui.keyboard.press(key);
    const now = await focused(ui);
    if (wanted.test(now)) return;
    seen.push(now);
  }
  throw new Error(`no ${wanted} among ${seen.join("; ")}`);
}

/** An arrow within a group. The group moves the focus a moment after the key: a second key before that would count from the first place. */
async function arrowTo(ui: Page, key: string, wanted: RegExp): Promise<void> {
  await ui.keyboard.press(key);
  await expect.poll(() => focused(ui)).toMatch(wanted);
}

test("the keyboard alone opens models, moves through cells, edits the curve and saves a figure", async ({
  folder,
  samples,
}) => {
  const { ui, app } = studio;
  await answerOpenDialogs(app, [samples.target, samples.chat, samples.base]);
  for (const role of ["Target", "Chat", "Base"]) {
    await tabTo(ui, new RegExp(`^button Choose folder… in ${role} model`));
    await ui.keyboard.press("Enter");
    await expect(card(ui, role)).toHaveAttribute("data-state", "loaded");
  }
  await untilMeasured(ui);

  await tabTo(ui, /^radio Relative norm/);
  await arrowTo(ui, "ArrowRight", /^radio Cosine/);
  await arrowTo(ui, "ArrowRight", /^radio Shift/);
  await ui.keyboard.press("Enter");
  await tabTo(ui, /^grid Shift by module and layer/);
  await ui.keyboard.press("Control+Home");
  await ui.keyboard.press("ArrowRight");
  await ui.keyboard.press("PageDown");
  expect(await activeCell(ui)).toMatch(/^gate_proj, layer 0: shift/);
  await ui.keyboard.press("ArrowRight");
  await ui.keyboard.press("ArrowDown");
  const whole = await activeCell(ui);
  expect(whole).toMatch(/^up_proj, layer 1: shift/);
  await expect(ui.getByRole("region", { name: "Inspector" })).toContainText("model.layers.1.mlp.up_proj.weight");

  // The first layer's point down by 0.5 of λ: layer 1 moves half as far, but for its distance from layer 0.
  await tabTo(ui, /^slider λ at layer 0/);
  for (let presses = 0; presses < 10; presses++) await ui.keyboard.press("ArrowDown");
  await expect(ui.getByRole("slider", { name: "λ at layer 0" })).toHaveAttribute("aria-valuenow", "0.5");
  await ui.keyboard.press("Enter");
  await expect(ui.getByRole("group", { name: "λ by layer" }).getByRole("slider")).toHaveCount(3);
  await ui.keyboard.press("Delete");
  await expect(ui.getByRole("group", { name: "λ by layer" }).getByRole("slider")).toHaveCount(2);
  const before = Number.parseFloat(whole.split("shift ")[1] ?? "");
  const after = Number.parseFloat((await activeCell(ui)).split("shift ")[1] ?? "");
  expect(after / before).toBeGreaterThan(0.5 + 0.5 / 13 - 0.02);
  expect(after / before).toBeLessThan(0.5 + 0.5 / 13 + 0.02);

  await answerSaveDialog(app, join(folder, "figure.svg"));
  await tabTo(ui, /^button Save figure/, "Shift+Tab");
  await ui.keyboard.press("Enter");
  await expect(ui.getByRole("menuitem", { name: "SVG" })).toBeFocused();
  await ui.keyboard.press("Enter");
  await expect(async () => {
    expect(await readFile(join(folder, "figure.svg"), "utf8")).toContain("times by layer 0: 0.50, 13: 1.00");
  }).toPass();
});
