import { launchStudio, type Studio } from "./launch.ts";
import { violations } from "./support/axe.ts";
import { moveToCell } from "./support/heatmap.ts";
import { measureModels } from "./support/models.ts";
import { expect, test } from "./support/workspace.ts";

let studio: Studio;

test.beforeEach(async () => {
  studio = await launchStudio();
});

test.afterEach(async () => {
  await studio.close();
});

test("axe finds nothing serious in the empty window", async () => {
  await expect(studio.ui.getByRole("button", { name: "Try it with sample models" })).toBeVisible();
  expect(await violations(studio.ui)).toEqual([]);
});

test("axe finds nothing serious in the heatmap, with the inspector, menus, rules and a curve", async ({ samples }) => {
  const { ui } = studio;
  await measureModels(studio, samples);
  expect(await violations(ui)).toEqual([]);
  await moveToCell(ui, "down_proj", 7);
  await expect(ui.getByRole("img", { name: /^Norm of τ/ })).toBeVisible();
  await ui.getByRole("button", { name: "Add rule" }).click();
  await ui.keyboard.type("*norm.weight");
  await ui.getByRole("slider", { name: "λ at layer 0" }).focus();
  await ui.keyboard.press("ArrowDown");
  expect(await violations(ui)).toEqual([]);
  await ui.getByRole("button", { name: "More metrics" }).click();
  expect(await violations(ui)).toEqual([]);
});

test("axe finds nothing serious in the comparison and in the plan", async ({ samples }) => {
  const { ui } = studio;
  await measureModels(studio, samples);
  await ui.getByRole("tab", { name: "Compare" }).click();
  await ui.getByRole("listbox", { name: "Parts by cosine" }).focus();
  await ui.keyboard.press("Home");
  expect(await violations(ui)).toEqual([]);
  await ui.getByRole("tab", { name: "Plan" }).click();
  expect(await violations(ui)).toEqual([]);
});
