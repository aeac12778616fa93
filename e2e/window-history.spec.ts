import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { launchStudio, type Studio } from "./launch.ts";
import { answerOpenDialogs } from "./support/dialogs.ts";
import { card, pickModels } from "./support/models.ts";
import { expect, test } from "./support/workspace.ts";

let studio: Studio;

test.beforeEach(async () => {
  studio = await launchStudio();
});

test.afterEach(async () => {
  await studio.close();
});

const scaleField = (ui: Page) => ui.getByRole("spinbutton", { name: "Scale λ" });
const changes = (ui: Page) => ui.getByRole("group", { name: "Changes" });

/** Drags the slider's thumb in many moves, slowly. */
async function dragScale(ui: Page, pixels: number): Promise<void> {
  const box = await ui.getByRole("slider", { name: "Scale λ" }).boundingBox();
  if (box === null) throw new Error("no slider");
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await ui.mouse.move(x, y);
  await ui.mouse.down();
  for (let move = 1; move <= 12; move++) {
    await ui.mouse.move(x + (pixels * move) / 12, y);
    await ui.waitForTimeout(120);
  }
  await ui.mouse.up();
}

test("a drag of λ is undone in one step by Ctrl+Z and done again by Ctrl+Shift+Z", async ({ samples }) => {
  const { ui } = studio;
  await pickModels(studio, samples);
  await dragScale(ui, -40);
  const first = await scaleField(ui).inputValue();
  expect(first).not.toBe("1.00");
  await dragScale(ui, 60);
  const second = await scaleField(ui).inputValue();
  await ui.keyboard.press("Control+z");
  await expect(scaleField(ui)).toHaveValue(first);
  await ui.keyboard.press("Control+z");
  await expect(scaleField(ui)).toHaveValue("1.00");
  await ui.keyboard.press("Control+Shift+Z");
  await ui.keyboard.press("Control+Shift+Z");
  await expect(scaleField(ui)).toHaveValue(second);
  await expect(changes(ui).getByRole("button", { name: "Redo" })).toHaveAttribute("aria-disabled", "true");
  // From the field itself as well: its number is the recipe's.
  await scaleField(ui).fill("0.3");
  await ui.keyboard.press("Control+z");
  await expect(scaleField(ui)).toHaveValue(second);
});

test("a model that was replaced comes back from its closed file, and one that is gone is said", async ({
  folder,
  samples,
}) => {
  const { app, ui } = studio;
  const own = join(folder, "own-chat");
  await cp(samples.chat, own, { recursive: true });
  await pickModels(studio, { ...samples, chat: own });
  await answerOpenDialogs(app, [samples.target]);
  await card(ui, "Chat").getByRole("button", { name: "Chat model actions" }).click();
  await ui.getByRole("menuitem", { name: "Replace with folder…" }).click();
  await expect(card(ui, "Chat")).toContainText("target");
  await changes(ui).getByRole("button", { name: "Undo change of models" }).click();
  await expect(card(ui, "Chat")).toContainText("own-chat");
  await expect(card(ui, "Chat")).toHaveAttribute("data-state", "loaded");
  await changes(ui).getByRole("button", { name: "Redo change of models" }).click();
  await expect(card(ui, "Chat")).toContainText("target");
  await rm(own, { recursive: true });
  await changes(ui).getByRole("button", { name: "Undo change of models" }).click();
  await expect(ui.getByRole("region", { name: "Notices" })).toContainText("own-chat");
  await expect(card(ui, "Chat")).toContainText("target");
});

test("a field of text keeps its own undo", async ({ samples }) => {
  const { ui } = studio;
  await pickModels(studio, samples);
  await scaleField(ui).fill("0.5");
  await ui.getByRole("tab", { name: "Plan" }).click();
  const filter = ui.getByRole("searchbox");
  await filter.click();
  await ui.keyboard.type("mlp");
  await ui.keyboard.press("Control+z");
  await expect(filter).not.toHaveValue("mlp");
  await expect(scaleField(ui)).toHaveValue("0.50");
});
