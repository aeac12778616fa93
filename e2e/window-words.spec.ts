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

test("a word is explained under the pointer, at the keyboard's focus and on a click, and Escape puts the note away", async () => {
  const { ui } = studio;
  const note = ui.getByRole("tooltip");
  const word = ui.getByRole("region", { name: "Merge" }).getByRole("button", { name: "Scale λ" });
  await word.hover();
  await expect(note).toContainText("0 leaves the target as it is");
  await ui.keyboard.press("Escape");
  await expect(note).toHaveCount(0);
  await word.click();
  await expect(note).toContainText("0 leaves the target as it is");
  await ui.mouse.move(700, 60, { steps: 8 });
  await expect(note).toHaveCount(0);

  await ui.getByRole("button", { name: "Try it with sample models" }).focus();
  await ui.keyboard.press("Shift+Tab");
  await expect(word.or(ui.locator(".welcome-formula .word")).and(ui.locator(":focus"))).toBeVisible();
  await expect(note).toContainText("λ, scale");
  await expect(ui.locator(":focus")).toHaveAccessibleDescription(/0 leaves the target as it is/);
  await ui.keyboard.press("Escape");
  await expect(note).toHaveCount(0);
});

test("words that stand close together share a note, which the keyboard opens and leaves", async ({ samples }) => {
  const { ui } = studio;
  await measureModels(studio, samples);
  const button = ui.getByRole("button", { name: "What the metrics mean" });
  await button.focus();
  await ui.keyboard.press("Enter");
  const note = ui.getByRole("dialog", { name: "What the metrics mean" });
  await expect(note).toContainText("cos(τ, σ)");
  await expect(note).toContainText("as a share of the base’s own size");
  expect(await violations(ui)).toEqual([]);
  await ui.keyboard.press("Escape");
  await expect(note).toHaveCount(0);
  await expect(button).toBeFocused();
  await moveToCell(ui, "down_proj", 3);
  await ui.getByRole("button", { name: "What these numbers mean" }).click();
  await expect(ui.getByRole("dialog", { name: "What these numbers mean" })).toContainText("Frobenius");
});

test("the whole glossary is a command away", async () => {
  const { ui } = studio;
  await ui.keyboard.press("Control+k");
  await ui.keyboard.type("glossary");
  await ui.keyboard.press("Enter");
  const panel = ui.getByRole("dialog", { name: "Words" });
  for (const word of ["tied embeddings", "shard", "safetensors", "dtype", "vocabulary policy"])
    await expect(panel).toContainText(word);
  expect(await violations(ui)).toEqual([]);
});
