import { launchStudio, type Studio } from "./launch.ts";
import { chooseMetric, heatmap, moveToCell, readCells } from "./support/heatmap.ts";
import { measureModels, measureStatus, textOf } from "./support/models.ts";
import { type ReferenceFigures, ReferenceModels, tensorsAt } from "./support/reference-measure.ts";
import { wrongNumber } from "./support/shown-number.ts";
import { expect, test, withSamples } from "./support/workspace.ts";

let studio: Studio;

test.beforeEach(async () => {
  studio = await launchStudio();
});

test.afterEach(async () => {
  await studio.close();
});

const metrics: readonly (readonly [name: string, figure: keyof ReferenceFigures])[] = [
  ["Relative norm", "relative"],
  ["Cosine", "cosine"],
  ["Shift", "mergedShiftRelative"],
  ["Norm", "vector"],
  ["Relative to target", "relativeToTarget"],
  ["Largest change", "maximum"],
  ["Unchanged", "zeroFraction"],
];

/** Cells whose text is not what float64 gives, rounded. */
function wrongCells(said: ReadonlyMap<string, string>, reference: ReferenceModels, figure: keyof ReferenceFigures) {
  return [...said].flatMap(([place, value]) => {
    const tensors = tensorsAt(place, reference.names);
    if (tensors.length === 0) return [`${place} is no tensor`];
    const wrong = wrongNumber(value, reference.figures(tensors, () => 0.7)[figure]);
    return wrong === null ? [] : [`${place}: ${wrong}`];
  });
}

test("every cell says what float64 sums over the files say", async ({ samples }) => {
  const { ui } = studio;
  await measureModels(studio, samples);
  await ui.getByRole("spinbutton", { name: "Scale λ" }).fill("0.7");
  const reference = await ReferenceModels.open(samples);
  for (const [index, [name, figure]] of metrics.entries()) {
    await chooseMetric(ui, name);
    // All cells of the metrics that are asked for most; of the others a module of every family would be no other code.
    const said = await readCells(ui, index < 3 ? undefined : 2);
    if (index < 3) expect(said.size).toBe(reference.names.length);
    expect(wrongCells(said, reference, figure)).toEqual([]);
    const whole = reference.figures(reference.names, () => 0.7)[figure];
    expect(wrongNumber(await textOf(measureStatus(ui)), whole)).toBeNull();
  }
  const shift = reference.figures(reference.names, () => 0.7).mergedShiftRelative;
  expect(wrongNumber(await textOf(ui.locator(".merge-bar-figure", { hasText: "of target" })), shift)).toBeNull();
});

test("the tooltip shows a cell's other numbers and its λ", async ({ samples }) => {
  const { ui } = studio;
  await measureModels(studio, samples);
  const reference = await ReferenceModels.open(samples);
  await moveToCell(ui, "down_proj", 7);
  const figures = reference.figures(tensorsAt("down_proj, layer 7", reference.names));
  const tooltip = ui.locator(".cell-tooltip");
  const value = (name: string) => textOf(tooltip.locator("p", { hasText: name }).locator("span").last());
  expect(wrongNumber(await value("‖τ‖ / ‖base‖"), figures.relative)).toBeNull();
  expect(wrongNumber(await value("cos(τ, σ)"), figures.cosine)).toBeNull();
  expect(wrongNumber(await value("‖λτ‖ / ‖target‖"), figures.mergedShiftRelative)).toBeNull();
  expect(await textOf(tooltip.locator("p", { hasText: "λ" }).last())).toContain("1.00");
});

test("the colours, the legend and the profile follow the numbers", async ({ samples }) => {
  const { ui } = studio;
  await measureModels(studio, samples);
  const reference = await ReferenceModels.open(samples);
  const cells = reference.names.map((name) => reference.figures([name]).relative);
  const legend = (await ui.getByRole("img", { name: /^Colours from/ }).getAttribute("aria-label")) ?? "";
  const [, most = ""] = legend.replace("Colours from ", "").split(" to ");
  expect(wrongNumber(most, Math.max(...cells))).toBeNull();

  const profile = (await ui.getByRole("img", { name: /over the depth/ }).getAttribute("aria-label")) ?? "";
  const families = { attention: ".self_attn.", mlp: ".mlp.", norms: "layernorm" };
  for (const [family, part] of Object.entries(families)) {
    const byLayer = Array.from({ length: 14 }, (_, layer) =>
      reference.names.filter((name) => name.startsWith(`model.layers.${layer}.`) && name.includes(part)),
    ).map((names) => reference.figures(names).relative);
    expect(profile).toContain(`${family} strongest at layer ${byLayer.indexOf(Math.max(...byLayer))}`);
  }

  // The strongest cell is the darkest one on the light theme, the weakest the lightest.
  await ui.emulateMedia({ colorScheme: "light" });
  const brightness = async (module: string, layer: number) => {
    await moveToCell(ui, module, layer);
    return ui.evaluate(() => {
      const canvas = document.querySelector<HTMLCanvasElement>(".heatmap-canvas");
      const cursor = document.querySelector(".heatmap-cursor")?.getBoundingClientRect();
      const box = canvas?.getBoundingClientRect();
      if (!canvas || !cursor || !box) return null;
      const x = (cursor.x + cursor.width / 2 - box.x) * (canvas.width / box.width);
      const y = (cursor.y + cursor.height / 2 - box.y) * (canvas.height / box.height);
      const [red = 0, green = 0, blue = 0] = canvas.getContext("2d")?.getImageData(x, y, 1, 1).data ?? [];
      return red + green + blue;
    });
  };
  const strong = await brightness("down_proj", 7);
  const weak = await brightness("input norm", 0);
  expect(strong).toBeLessThan((weak ?? 0) / 2);
});

test("two models alone show what can be shown, and say what needs a target", async ({ samples }) => {
  const { ui } = studio;
  await measureModels(studio, { chat: samples.chat, base: samples.base });
  const reference = await ReferenceModels.open({ chat: samples.chat, base: samples.base });
  expect(wrongCells(await readCells(ui, 2), reference, "relative")).toEqual([]);
  await expect(ui.getByRole("radio", { name: "Cosine" })).toBeDisabled();
  await expect(ui.getByRole("radio", { name: "Shift" })).toBeDisabled();
  await expect(ui.getByRole("tab", { name: "Compare" })).toBeDisabled();
  await expect(ui.getByRole("button", { name: /^Export/ })).toBeDisabled();
  await chooseMetric(ui, "Largest change");
  expect(wrongCells(await readCells(ui, 1), reference, "maximum")).toEqual([]);
  await expect(heatmap(ui)).toBeVisible();
});

test("experts are folded into their modules, and open", async () => {
  await withSamples(["--parameters", "1M", "--layers", "4", "--experts", "4"], async (models) => {
    const { ui } = studio;
    await measureModels(studio, models);
    const reference = await ReferenceModels.open(models);
    const expert = (layer: number, index: string) =>
      reference.names.filter((name) => new RegExp(`layers\\.${layer}\\..*experts\\.${index}\\.w1\\.`).test(name));
    const folded = await moveToCell(ui, "gate (w1)", 2);
    expect(folded).toContain("4 experts, layer 2");
    expect(wrongNumber(folded.split(": ")[1] ?? "", reference.figures(expert(2, "\\d")).relative)).toBeNull();
    await expect(ui.getByRole("region", { name: "Inspector" })).toContainText("4 tensors together");

    await ui.keyboard.press("Enter");
    await ui.keyboard.press("ArrowDown");
    await ui.keyboard.press("ArrowDown");
    const second = await moveToCell(ui, "expert 1", 2);
    expect(wrongNumber(second.split(": ")[1] ?? "", reference.figures(expert(2, "1")).relative)).toBeNull();
    await expect(ui.getByRole("region", { name: "Inspector" })).toContainText(expert(2, "1")[0] ?? "no expert");
  });
});
