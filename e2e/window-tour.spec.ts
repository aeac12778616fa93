import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { launchStudio } from "./launch.ts";
import { violations } from "./support/axe.ts";
import { untilMeasured } from "./support/models.ts";
import { expect, test } from "./support/workspace.ts";

const note = (ui: Page) => ui.locator(".tour-note");
const titles = [
  "Three models make a merge",
  "Where the chat vector lives",
  "λ is how much of it you add",
  "Export writes the merged model",
  "The rest is a few letters away",
];

/** In the window's pixels. */
async function boxOf(ui: Page, selector: string) {
  const box = await ui.locator(selector).first().boundingBox();
  if (box === null) throw new Error(`${selector} is not shown`);
  return box;
}

test("the tour comes by itself the first time, without taking the focus, and never again", async () => {
  const profile = await mkdtemp(join(tmpdir(), "chat-vector-tour-"));
  try {
    const first = await launchStudio({ profile, tour: true });
    try {
      await expect(note(first.ui)).toContainText("Three models make a merge");
      expect(await first.ui.evaluate(() => document.activeElement === document.body)).toBe(true);
      await first.ui.getByRole("button", { name: "Skip tour" }).click();
      await expect(note(first.ui)).toHaveCount(0);
    } finally {
      await first.close();
    }
    const second = await launchStudio({ profile, tour: true });
    try {
      await expect(second.ui.getByRole("button", { name: "Try it with sample models" })).toBeVisible();
      // What would bring it has been answered by then.
      await second.ui.evaluate(() => window.studio.environment());
      await expect(note(second.ui)).toHaveCount(0);
    } finally {
      await second.close();
    }
  } finally {
    await rm(profile, { recursive: true, force: true });
  }
});

test("it goes from control to control by keyboard, back and to its end, and gives the focus back", async () => {
  const { ui, close } = await launchStudio();
  try {
    await ui.getByRole("button", { name: "Take the tour" }).focus();
    await ui.keyboard.press("Enter");
    for (const [index, title] of titles.entries()) {
      await expect(note(ui)).toHaveAccessibleName(title);
      await expect(note(ui)).toContainText(`${index + 1} of 5`);
      await expect(ui.locator(":focus")).toHaveText(index < 4 ? "Next" : "Done");
      if (index < 4) await ui.keyboard.press("Enter");
    }
    await ui.keyboard.press("Shift+Tab");
    await ui.keyboard.press("Enter");
    await expect(note(ui)).toHaveAccessibleName("Export writes the merged model");
    await ui.keyboard.press("Escape");
    await expect(note(ui)).toHaveCount(0);
    await expect(ui.getByRole("button", { name: "Take the tour" })).toBeFocused();
  } finally {
    await close();
  }
});

test("it goes along: with the samples to the heatmap, and away when an export starts", async () => {
  const { ui, close } = await launchStudio({ tour: true });
  try {
    await ui.getByRole("button", { name: "Open sample models" }).click();
    await expect(note(ui)).toHaveAccessibleName("Where the chat vector lives");
    await untilMeasured(ui);
    await expect(note(ui)).toContainText("Click a cell for its numbers");
    expect(await violations(ui)).toEqual([]);
    await ui.getByRole("button", { name: /^Export/ }).click();
    await expect(note(ui)).toHaveCount(0);
    await expect(ui.getByRole("region", { name: "Export" })).toContainText("Written and verified", { timeout: 60_000 });
    // Asked for again where menus and the palette have it.
    await ui.keyboard.press("Control+k");
    await ui.keyboard.type("tour");
    await ui.keyboard.press("Enter");
    await expect(note(ui)).toHaveAccessibleName("Three models make a merge");
    await expect(ui.locator(":focus")).toHaveText("Next");
  } finally {
    await close();
  }
});

test("each stop stands beside its control, in the window, and covers none of it", async () => {
  const { ui, close } = await launchStudio({ tour: true });
  try {
    for (const size of [
      { width: 1280, height: 800 },
      { width: 1920, height: 1000 },
    ]) {
      await ui.setViewportSize(size);
      await ui.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
      for (const stop of ["models", "workspace", "scale", "export", "commands"]) {
        await expect(note(ui)).toHaveAttribute("data-stop", stop);
        const control = await boxOf(ui, `[data-tour="${stop}"]`);
        await expect(async () => expect(await boxOf(ui, ".tour-ring")).toEqual(control)).toPass();
        const placed = await boxOf(ui, ".tour-note");
        expect(placed.x).toBeGreaterThanOrEqual(8);
        expect(placed.x + placed.width).toBeLessThanOrEqual(size.width - 8);
        expect(placed.y + placed.height).toBeLessThanOrEqual(size.height - 8);
        const beside = stop === "models" ? await boxOf(ui, '[data-role="base"]') : control;
        const apart =
          placed.x >= beside.x + beside.width ||
          placed.x + placed.width <= beside.x ||
          placed.y >= beside.y + beside.height ||
          placed.y + placed.height <= beside.y;
        expect(apart, `${stop} at ${size.width}: ${JSON.stringify({ placed, beside })}`).toBe(true);
        if (stop !== "commands") await note(ui).getByRole("button", { name: "Next" }).click();
      }
      for (let back = 0; back < 4; back++) await note(ui).getByRole("button", { name: "Back" }).click();
    }
  } finally {
    await close();
  }
});
