import type { Page } from "@playwright/test";
import { launchStudio, type Studio } from "./launch.ts";
import { violations } from "./support/axe.ts";
import { chooseMetric, moveToCell, readCells } from "./support/heatmap.ts";
import { measureModels, measureStatus } from "./support/models.ts";
import { bytesReadBy, engineProcessId, mappedResidentKiB } from "./support/process-io.ts";
import { ReferenceModels, tensorsAt } from "./support/reference-measure.ts";
import { wrongNumber } from "./support/shown-number.ts";
import { expect, type SamplePaths, test } from "./support/workspace.ts";

let studio: Studio;

test.beforeEach(async () => {
  studio = await launchStudio();
});

test.afterEach(async () => {
  await studio.close();
});

const layerCount = 14;
const layerOf = (name: string) => Number(/layers\.(\d+)\./.exec(name)?.[1] ?? Number.NaN);

/** The curve's points as the sliders say them. */
async function pointsOf(ui: Page): Promise<readonly (readonly [layer: number, factor: number])[]> {
  const sliders = await ui.getByRole("group", { name: "λ by layer" }).getByRole("slider").all();
  return Promise.all(
    sliders.map(async (slider) => {
      const layer = Number(/\d+$/.exec((await slider.getAttribute("aria-label")) ?? "")?.[0]);
      return [layer, Number(await slider.getAttribute("aria-valuenow"))] as const;
    }),
  );
}

/** Linear between points; outside the layers the curve says nothing. */
function factorAt(points: readonly (readonly [layer: number, factor: number])[], layer: number): number {
  if (Number.isNaN(layer)) return 1;
  for (const [index, [right, high]] of points.entries()) {
    if (layer > right) continue;
    const [left, low] = points[index - 1] ?? [right, high];
    return right === left ? high : low + ((high - low) * (layer - left)) / (right - left);
  }
  return points.at(-1)?.[1] ?? 1;
}

/** Cells of the first rows whose merged shift is not what float64 gives at these λ. */
async function wrongShifts({ ui }: Studio, models: SamplePaths, scaleOf: (name: string) => number, rows = 2) {
  const reference = await ReferenceModels.open(models);
  return [...(await readCells(ui, rows))].flatMap(([place, said]) => {
    const figures = reference.figures(tensorsAt(place, reference.names), scaleOf);
    const wrong = wrongNumber(said, figures.mergedShiftRelative);
    return wrong === null ? [] : [`${place}: ${wrong}`];
  });
}

test("λ by field and slider changes every number at once", async ({ samples }) => {
  const { ui } = studio;
  await measureModels(studio, samples);
  await chooseMetric(ui, "Shift");
  await ui.getByRole("spinbutton", { name: "Scale λ" }).fill("-0.35");
  expect(await wrongShifts(studio, samples, () => -0.35)).toEqual([]);
  const slider = ui.getByRole("slider", { name: "Scale λ" });
  await slider.focus();
  await ui.keyboard.press("Home");
  await ui.keyboard.press("PageUp");
  const scale = Number(await slider.getAttribute("aria-valuenow"));
  expect(scale).toBeGreaterThan(0);
  expect(await wrongShifts(studio, samples, () => scale)).toEqual([]);
});

test("the curve is shaped by presets, dragging, typing and keys, and the numbers follow", async ({ samples }) => {
  const { ui } = studio;
  await measureModels(studio, samples);
  await chooseMetric(ui, "Shift");
  await ui.getByRole("spinbutton", { name: "Scale λ" }).fill("0.8");
  const follows = async () => {
    const points = await pointsOf(ui);
    expect(await wrongShifts(studio, samples, (name) => 0.8 * factorAt(points, layerOf(name)))).toEqual([]);
    return points;
  };

  await ui.getByRole("button", { name: "Presets" }).click();
  await ui.getByRole("menuitem", { name: "Ramp up" }).click();
  expect(await follows()).toEqual([
    [0, 0],
    [layerCount - 1, 1],
  ]);

  // Half way down, then released: the last layer has half of λ.
  const plot = ui.getByRole("group", { name: "λ by layer" });
  const last = plot.getByRole("slider", { name: `λ at layer ${layerCount - 1}` });
  const from = await last.boundingBox();
  const first = await plot.getByRole("slider", { name: "λ at layer 0" }).boundingBox();
  if (from === null || first === null) throw new Error("the points are not on the screen");
  await ui.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await ui.mouse.down();
  await ui.mouse.move(from.x + from.width / 2, (from.y + first.y + from.height) / 2, { steps: 8 });
  await ui.mouse.up();
  const dragged = await follows();
  expect(dragged.at(-1)?.[1]).toBeGreaterThan(0.45);
  expect(dragged.at(-1)?.[1]).toBeLessThan(0.55);

  await plot.getByRole("slider", { name: "λ at layer 0" }).focus();
  await ui.getByLabel("Layer 0, λ ×").fill("1.25");
  await ui.keyboard.press("Enter");
  expect((await follows())[0]).toEqual([0, 1.25]);

  // A double click adds a point where it is.
  const box = await plot.boundingBox();
  if (box === null) throw new Error("the plot is not on the screen");
  await ui.mouse.dblclick((from.x + first.x + from.width) / 2, box.y + box.height / 2);
  expect(await follows()).toHaveLength(3);

  await ui.getByRole("button", { name: "Reset", exact: true }).click();
  expect(await follows()).toEqual([
    [0, 1],
    [layerCount - 1, 1],
  ]);
});

test("rules by module and by name hold before scale and curve, the first one first", async ({ samples }) => {
  const { ui } = studio;
  await measureModels(studio, samples);
  await chooseMetric(ui, "Shift");
  await ui.getByRole("button", { name: "k_proj", exact: true }).click();
  await ui.getByRole("menuitem", { name: "Leave this row as it is" }).click();
  expect(await moveToCell(ui, "k_proj", 4)).toMatch(/shift 0\s?%$/);
  const byModule = (name: string) => (name.includes("k_proj") ? 0 : 1);
  expect(await wrongShifts(studio, samples, byModule)).toEqual([]);

  await ui.getByRole("button", { name: "Add rule" }).click();
  await ui.keyboard.type("*.layers.1*.self_attn.*");
  await ui.getByRole("textbox", { name: "λ of *.layers.1*.self_attn.*" }).fill("1.5");
  // Layers 1 and 10 to 13, four tensors each.
  await expect(
    ui
      .getByRole("listitem")
      .filter({ has: ui.getByLabel("Tensor names") })
      .first(),
  ).toContainText("20 tensors");
  const byName = (name: string) => (/\.layers\.1\d?\.self_attn\./.test(name) ? 1.5 : byModule(name));
  expect(await wrongShifts(studio, samples, byName)).toEqual([]);

  await ui.getByRole("tab", { name: "Plan" }).click();
  await ui.getByRole("searchbox", { name: "Find a tensor" }).fill("k_proj");
  await expect(ui.getByRole("row", { name: /layers\.1\.self_attn\. ?k_proj/ })).toContainText("λ 1.50");
  await expect(ui.getByRole("row", { name: /layers\.2\.self_attn\. ?k_proj/ })).toContainText("copied");
});

test("a rule has a curve and a λ outside the layers of its own, shaped and undone by keyboard", async ({ samples }) => {
  const { ui } = studio;
  await measureModels(studio, samples);
  await chooseMetric(ui, "Shift");
  await ui.getByRole("button", { name: "Add rule" }).press("Enter");
  await ui.keyboard.type("*");
  const shape = ui.getByRole("button", { name: "λ by layer of the rule for *" });
  await expect(shape).toHaveText("Flat");
  await shape.press("Enter");
  await expect(shape).toHaveAttribute("aria-pressed", "true");
  const curve = ui.getByRole("group", { name: "λ by layer of the rule for *" });
  // Down from the last layer, in tenths of 0.05 and by typing.
  await curve.getByRole("slider", { name: "λ at layer 13" }).focus();
  await ui.keyboard.press("ArrowDown");
  await ui.keyboard.press("ArrowDown");
  const last = () => curve.getByRole("slider", { name: "λ at layer 13" }).getAttribute("aria-valuenow");
  expect(await last()).toBe("0.9");
  await ui.getByRole("textbox", { name: /^Layer 13/ }).fill("0");
  await ui.keyboard.press("Enter");
  await ui.getByRole("textbox", { name: "λ outside the layers" }).fill("0.25");
  await ui.keyboard.press("Enter");
  await expect(shape).toHaveText("By layer");
  expect(await violations(ui)).toEqual([]);
  const scaleOf = (name: string) => {
    const layer = layerOf(name);
    return Number.isNaN(layer) ? 0.25 : 1 - layer / 13;
  };
  expect(await wrongShifts(studio, samples, scaleOf)).toEqual([]);
  await ui.getByRole("tab", { name: "Plan" }).click();
  await ui.getByRole("searchbox", { name: "Find a tensor" }).fill("lm_head");
  await expect(ui.getByRole("row", { name: /lm_head/ })).toContainText("λ 0.25");
  await ui.getByRole("tab", { name: "Heatmap" }).click();

  // The vector's own curve stands as it was.
  await ui.getByRole("button", { name: "Back to λ by layer of the whole vector" }).press("Enter");
  expect(await pointsOf(ui)).toEqual([
    [0, 1],
    [13, 1],
  ]);
  await shape.press("Enter");
  await ui.getByRole("tab", { name: "Heatmap" }).focus();
  await ui.keyboard.press("Control+z");
  await expect(ui.getByRole("textbox", { name: "λ outside the layers" })).toHaveValue("");
  await ui.keyboard.press("Control+z");
  await expect.poll(last).not.toBe("0");
  await ui.keyboard.press("Control+Shift+z");
  await expect.poll(last).toBe("0");
});

test("moving λ, the curve and rules reads no byte of a checkpoint", async ({ largeSamples }) => {
  test.skip(process.platform !== "linux", "what a process reads and maps is told by /proc");
  const { ui, app } = studio;
  await measureModels(studio, largeSamples);
  await chooseMetric(ui, "Shift");
  const engine = await engineProcessId(app);
  const main = app.process().pid ?? 0;
  const status = await measureStatus(ui).textContent();
  const read = await bytesReadBy(engine);
  const mapped = await mappedResidentKiB(main, largeSamples.base.replace(/\/base$/, ""));
  expect(mapped).toBeGreaterThan(0);

  for (let step = 0; step < 40; step++) {
    await ui.getByRole("spinbutton", { name: "Scale λ" }).fill((step / 20).toFixed(2));
  }
  await ui.getByRole("button", { name: "Presets" }).click();
  await ui.getByRole("menuitem", { name: "Middle" }).click();
  await ui.getByRole("button", { name: "Add rule" }).click();
  await ui.keyboard.type("*norm.weight");
  // Longer than planning waits for the hand to rest.
  await ui.waitForTimeout(1500);

  expect(await measureStatus(ui).textContent()).not.toBe(status);
  expect((await bytesReadBy(engine)) - read).toBeLessThan(100_000);
  expect(await mappedResidentKiB(main, largeSamples.base.replace(/\/base$/, ""))).toBe(mapped);
});
