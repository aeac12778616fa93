import type { Page } from "@playwright/test";
import type { Studio } from "../launch.ts";
import { answerSaveDialog } from "./dialogs.ts";
import { untilMeasured } from "./models.ts";
import { expect } from "./workspace.ts";

interface Step {
  /** What the frame that follows shows, as a file is called. */
  readonly name: string;
  /** One click. */
  readonly click: (ui: Page) => Promise<void>;
  readonly shows: (ui: Page) => Promise<void>;
}

const region = (ui: Page) => ui.getByRole("region", { name: "Export" });

/** The first merge of somebody who has read nothing: the samples, where they changed, a figure of it, the merged model. */
const steps: readonly Step[] = [
  {
    name: "1-tour-skipped",
    click: (ui) => ui.getByRole("button", { name: "Skip tour" }).click(),
    shows: (ui) => expect(ui.locator(".tour-note")).toHaveCount(0),
  },
  {
    name: "2-measured",
    click: (ui) => ui.getByRole("button", { name: "Try it with sample models" }).click(),
    shows: async (ui) => {
      await untilMeasured(ui);
      await expect(ui.getByRole("button", { name: "Export" })).toBeEnabled();
    },
  },
  {
    name: "3-tensor",
    click: clickDarkest,
    shows: async (ui) => {
      await expect(ui.getByRole("region", { name: "Inspector" })).toContainText("mlp.down_proj.weight");
      await expect(ui.getByRole("img", { name: /^Norm of τ/ })).toBeVisible();
    },
  },
  {
    name: "4-figure-menu",
    click: (ui) => ui.getByRole("button", { name: "Save figure" }).click(),
    shows: (ui) => expect(ui.getByRole("menuitem", { name: "SVG" })).toBeVisible(),
  },
  {
    name: "5-figure-saved",
    click: (ui) => ui.getByRole("menuitem", { name: "SVG" }).click(),
    shows: (ui) => expect(ui.getByRole("button", { name: "Saved", exact: true })).toBeVisible(),
  },
  {
    name: "6-exported",
    click: (ui) => ui.getByRole("button", { name: "Export" }).click(),
    shows: (ui) => expect(region(ui)).toContainText("Written and verified", { timeout: 60_000 }),
  },
];

interface FirstMerge {
  readonly clicks: number;
  /** The folder that was written. */
  readonly out: string;
}

/**
 * Goes through a first merge by the mouse alone, in a window that was never used, and counts the clicks.
 * @param figure where the save dialog of the figure is answered to
 * @param keep gets a frame of the window after each click, and one of before
 */
export async function mergeFirstTime(
  { app, ui }: Studio,
  figure: string,
  keep: (name: string, png: Buffer) => Promise<void>,
): Promise<FirstMerge> {
  await answerSaveDialog(app, figure);
  await expect(ui.locator(".tour-note")).toBeVisible();
  await keep("0-start", await frame(ui));
  for (const { name, click, shows } of steps) {
    await click(ui);
    await shows(ui);
    await keep(name, await frame(ui));
  }
  const said = (await region(ui).locator(".job-result-path").textContent()) ?? "";
  return { clicks: steps.length, out: said };
}

/** What is painted once nothing moves any more. */
async function frame(ui: Page): Promise<Buffer> {
  await ui.evaluate(() => document.fonts.ready);
  return await ui.screenshot({ animations: "disabled" });
}

/** The middle of the grid's row of down projections: where the samples changed most. */
async function clickDarkest(ui: Page): Promise<void> {
  const grid = await ui.getByRole("grid").boundingBox();
  const row = await ui.getByText("down_proj", { exact: true }).boundingBox();
  if (grid === null || row === null) throw new Error("no heatmap to click on");
  await ui.mouse.click(grid.x + grid.width * 0.57, row.y + row.height / 2);
}
