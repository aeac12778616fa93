import type { Page } from "@playwright/test";
import { launchStudio, type Studio } from "./launch.ts";
import { answerOpenDialogs } from "./support/dialogs.ts";
import { card, measureModels, textOf, untilMeasured } from "./support/models.ts";
import { ReferenceModels, tensorsAt } from "./support/reference-measure.ts";
import { wrongNumber } from "./support/shown-number.ts";
import { expect, test } from "./support/workspace.ts";

let studio: Studio;

test.beforeEach(async () => {
  studio = await launchStudio();
});

test.afterEach(async () => {
  await studio.close();
});

/** Name, cosine and norms of every part of the list, by the keyboard: the list renders what is seen of it. */
async function readParts(ui: Page): Promise<readonly (readonly string[])[]> {
  const list = ui.getByRole("listbox", { name: "Parts by cosine" });
  await list.focus();
  await ui.keyboard.press("Home");
  const count = Number(await list.getByRole("option").first().getAttribute("aria-setsize"));
  const said: string[][] = [];
  for (let index = 0; index < count; index++) {
    const selected = list.getByRole("option", { selected: true });
    await expect(selected).toHaveAttribute("aria-posinset", String(index + 1));
    said.push(await selected.locator("span").allTextContents());
    await ui.keyboard.press("ArrowDown");
  }
  return said;
}

test("σ against τ: every part says float64’s cosine and norms, from together to against", async ({ samples }) => {
  const { ui } = studio;
  await measureModels(studio, samples);
  await ui.getByRole("tab", { name: "Compare" }).click();
  const reference = await ReferenceModels.open(samples);

  const cosines: number[] = [];
  const parts = await readParts(ui);
  expect(parts).toHaveLength(reference.names.length);
  for (const said of parts) {
    const [place = "", cosine = "", norms = ""] = said;
    const [, shift = "", vector = ""] = /σ (.*?), τ (.*)$/.exec(norms) ?? [];
    const tensors = tensorsAt(place, reference.names);
    expect(tensors, place).toHaveLength(1);
    const figures = reference.figures(tensors);
    const base = Math.hypot(...reference.values("base", tensors[0] ?? ""));
    expect(wrongNumber(cosine, figures.cosine), place).toBeNull();
    expect(wrongNumber(shift, figures.shift / base), place).toBeNull();
    expect(wrongNumber(vector, figures.vector / base), place).toBeNull();
    cosines.push(figures.cosine);
  }
  expect(cosines).toEqual([...cosines].sort((a, b) => b - a));

  await ui.getByRole("radio", { name: "Layers" }).click();
  const layers = await readParts(ui);
  for (const [place = "", cosine = ""] of layers.filter(([name]) => name?.startsWith("layer "))) {
    const prefix = `model.layers.${place.replace("layer ", "")}.`;
    const figures = reference.figures(reference.names.filter((name) => name.startsWith(prefix)));
    expect(wrongNumber(cosine, figures.cosine), place).toBeNull();
  }
  expect(layers).toHaveLength(17);

  const words = await textOf(ui.locator(".compare-words"));
  const whole = reference.figures(reference.names).cosine;
  expect(wrongNumber(/cos\(τ, σ\) is (\S+) over/.exec(words)?.[1] ?? "", whole)).toBeNull();
});

test("a point and its name in the list select the same tensor, which the inspector shows", async ({ samples }) => {
  const { ui } = studio;
  await measureModels(studio, samples);
  await ui.getByRole("tab", { name: "Compare" }).click();
  await ui.getByRole("listbox", { name: "Parts by cosine" }).focus();
  await ui.keyboard.press("Home");
  const selected = ui.getByRole("option", { selected: true });
  const place = await textOf(selected.locator("span").first());
  const reference = await ReferenceModels.open(samples);
  const [tensor = ""] = tensorsAt(place, reference.names);
  await expect(ui.getByRole("region", { name: "Inspector" }).getByRole("heading", { name: tensor })).toBeVisible();
});

test("two vectors stand against each other as float64 says", async ({ samples }) => {
  const { ui, app } = studio;
  await measureModels(studio, samples);
  await ui.getByRole("button", { name: "Add another vector" }).click();
  // The target as a second tuned model: its vector is the target shift.
  await answerOpenDialogs(app, [samples.target]);
  await card(ui, "Chat").getByRole("button", { name: "Choose folder…" }).click();
  await expect(card(ui, "Chat")).toHaveAttribute("data-state", "loaded");
  await untilMeasured(ui);
  await ui.getByRole("tab", { name: "Compare" }).click();
  const matrices = ui.getByRole("region", { name: "Vectors against each other" });
  const reference = await ReferenceModels.open(samples);
  const families: Readonly<Record<string, (name: string) => boolean>> = {
    "whole model": () => true,
    attention: (name) => name.includes(".self_attn."),
    mlp: (name) => name.includes(".mlp."),
    norms: (name) => name.includes(".layers.") && name.includes("layernorm"),
  };
  for (const [family, isIn] of Object.entries(families)) {
    const { cosine } = reference.figures(reference.names.filter(isIn));
    const cells = await matrices.getByRole("table", { name: family }).getByRole("cell").allTextContents();
    // The corner is empty; then row by row.
    const [first, across, back, last] = cells.slice(-4);
    expect([first, last]).toEqual(["1.000", "1.000"]);
    expect(wrongNumber(across ?? "", cosine), family).toBeNull();
    expect(back).toBe(across);
  }
});
