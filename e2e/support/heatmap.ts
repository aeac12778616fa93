import type { Page } from "@playwright/test";
import { expect } from "./workspace.ts";

export const heatmap = (ui: Page) => ui.getByRole("grid");

/** What the active cell is called: "q_proj, layer 3: relative norm 0.611 %". */
export async function activeCell(ui: Page): Promise<string> {
  return (await heatmap(ui).getByRole("gridcell").getAttribute("aria-label")) ?? "";
}

export async function chooseMetric(ui: Page, name: string): Promise<void> {
  const shown = ui.getByRole("radio", { name, exact: true });
  if ((await shown.count()) > 0) await shown.click();
  else {
    await ui.getByRole("button", { name: "More metrics" }).click();
    await ui.getByRole("menuitemradio", { name }).click();
  }
  await expect(heatmap(ui)).toHaveAccessibleName(`${name} by module and layer`);
}

/** Every cell's place and what it says, by the arrow keys, row by row from the first to the last. */
export async function readCells(ui: Page, rows = Number.POSITIVE_INFINITY): Promise<Map<string, string>> {
  const said = new Map<string, string>();
  await heatmap(ui).focus();
  await ui.keyboard.press("Control+Home");
  for (let row = 0; row < rows; row++) {
    for (let before = ""; ; ) {
      const label = await activeCell(ui);
      if (label === before) break;
      before = label;
      const [place = "", value = ""] = label.split(": ");
      said.set(place, value);
      await ui.keyboard.press("ArrowRight");
    }
    const first = await toFirstLayer(ui);
    await ui.keyboard.press("ArrowDown");
    if ((await activeCell(ui)) === first) break;
    await ui.keyboard.press("Home");
  }
  return said;
}

/** To the row's first cell of a layer: before it stand the bars, which have no row of their own. */
async function toFirstLayer(ui: Page): Promise<string> {
  await ui.keyboard.press("Home");
  for (let moves = 0; moves < 20; moves++) {
    const label = await activeCell(ui);
    if (/, layer \d+:/.test(label)) return label;
    await ui.keyboard.press("ArrowRight");
  }
  throw new Error("no cell of a layer");
}

/** Makes the cell of a module at a layer the active one, by the keyboard. */
export async function moveToCell(ui: Page, module: string, layer: number): Promise<string> {
  await heatmap(ui).focus();
  await ui.keyboard.press("Control+Home");
  await toFirstLayer(ui);
  for (let moves = 0; moves < 400; moves++) {
    const label = await activeCell(ui);
    const [place = ""] = label.split(": ");
    const [at = "", depth = ""] = [place.replace(/, (?:\d+ experts, )?layer \d+$/, ""), /\d+$/.exec(place)?.[0]];
    if (at !== module) await ui.keyboard.press("ArrowDown");
    else if (Number(depth) < layer) await ui.keyboard.press("ArrowRight");
    else if (Number(depth) > layer) await ui.keyboard.press("ArrowLeft");
    else return label;
  }
  throw new Error(`no cell ${module} at layer ${layer}`);
}
