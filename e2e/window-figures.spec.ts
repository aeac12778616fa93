import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { launchStudio, type Studio } from "./launch.ts";
import { answerSaveDialog } from "./support/dialogs.ts";
import { chooseMetric } from "./support/heatmap.ts";
import { measureModels } from "./support/models.ts";
import { ReferenceModels } from "./support/reference-measure.ts";
import { expect, test } from "./support/workspace.ts";

let studio: Studio;

test.beforeEach(async () => {
  studio = await launchStudio();
});

test.afterEach(async () => {
  await studio.close();
});

/** Saves what is shown; resolves when the file is there. */
async function saveFigure({ app, ui }: Studio, folder: string, type: "SVG" | "PNG" | "CSV"): Promise<Buffer> {
  const name = `figure.${type.toLowerCase()}`;
  await answerSaveDialog(app, join(folder, name));
  await ui.getByRole("button", { name: "Save figure" }).click();
  await ui.getByRole("menuitem", { name: type }).click();
  await expect(async () => expect(await readdir(folder)).toContain(name)).toPass();
  await expect(ui.getByRole("button", { name: "Save figure" })).toBeEnabled();
  return readFile(join(folder, name));
}

test("the heatmap saves as an SVG that says models, metric and λ", async ({ folder, samples }) => {
  const { ui } = studio;
  await measureModels(studio, samples);
  await chooseMetric(ui, "Shift");
  await ui.getByRole("spinbutton", { name: "Scale λ" }).fill("0.65");
  await ui.getByRole("button", { name: "Presets" }).click();
  await ui.getByRole("menuitem", { name: "Ramp up" }).click();
  const svg = (await saveFigure(studio, folder, "SVG")).toString("utf8");
  const found = await ui.evaluate((text) => {
    const page = new DOMParser().parseFromString(text, "image/svg+xml");
    const texts = [...page.querySelectorAll("text")].map((element) => element.textContent ?? "");
    const outside = [...page.querySelectorAll("*")].flatMap((element) =>
      [...element.attributes].filter(({ name, value }) => /href|src/.test(name) && !value.startsWith("#")),
    );
    return {
      errors: page.querySelectorAll("parsererror").length,
      caption: page.querySelector("desc")?.textContent ?? "",
      texts,
      rects: page.querySelectorAll("rect[rx][fill^=rgb]").length,
      outside: outside.length,
      scripts: page.querySelectorAll("script").length,
    };
  }, svg);
  expect(found).toMatchObject({ errors: 0, outside: 0, scripts: 0 });
  // A rounded rectangle for each cell and bar.
  expect(found.rects).toBe(14 * 9 + 3);
  expect(found.texts).toEqual(
    expect.arrayContaining(["q_proj", "down_proj", "Profile", "λ by layer", "layer 0", "head"]),
  );
  expect(found.caption).toContain("Shift, ‖λτ‖ / ‖target‖, by module and layer");
  expect(found.caption).toContain("τ = chat − base. σ = target − base.");
  expect(found.caption).toContain("λ 0.65; times by layer 0: 0.00, 13: 1.00");
  expect(found.texts.join(" ")).toContain("τ = chat − base.");
});

test("the comparison saves as an SVG with a point for every part", async ({ folder, samples }) => {
  const { ui } = studio;
  await measureModels(studio, samples);
  await ui.getByRole("tab", { name: "Compare" }).click();
  const svg = (await saveFigure(studio, folder, "SVG")).toString("utf8");
  expect(svg.match(/<circle /g)).toHaveLength(14 * 9 + 3);
  expect(svg).toContain("Chat vector τ against target shift σ, a point for each tensor");
});

test("a PNG holds the figure twice as large, with every cell in its colour", async ({ folder, samples }) => {
  const { ui } = studio;
  await measureModels(studio, samples);
  const svg = (await saveFigure(studio, folder, "SVG")).toString("utf8");
  const png = await saveFigure(studio, folder, "PNG");
  const size = /width="(\d+)" height="(\d+)"/.exec(svg);
  expect(png.subarray(1, 4).toString()).toBe("PNG");
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([2 * Number(size?.[1]), 2 * Number(size?.[2])]);
  // The middle of each cell of the SVG has its colour in the PNG: what was drawn is all there.
  const wrong = await ui.evaluate(
    async ([text, base64]) => {
      const bytes = Uint8Array.from(atob(base64 ?? ""), (character) => character.charCodeAt(0));
      const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = canvas.getContext("2d");
      if (context === null) return ["no canvas"];
      context.drawImage(image, 0, 0);
      const holder = document.createElement("div");
      holder.attachShadow({ mode: "open" }).innerHTML = (text ?? "").replace(/^<\?xml.*\?>/, "");
      document.body.append(holder);
      const root = holder.shadowRoot?.querySelector("svg");
      const origin = root?.getBoundingClientRect();
      const cells = [...(root?.querySelectorAll("rect[rx][fill^=rgb]") ?? [])];
      const faults = cells.flatMap((cell) => {
        const box = cell.getBoundingClientRect();
        const x = Math.round((box.x - (origin?.x ?? 0) + 3) * 2);
        const y = Math.round((box.y - (origin?.y ?? 0) + 3) * 2);
        const [red = 0, green = 0, blue = 0] = context.getImageData(x, y, 1, 1).data;
        const drawn = `rgb(${red},${green},${blue})`;
        return drawn === cell.getAttribute("fill") ? [] : [`${cell.getAttribute("fill")} became ${drawn}`];
      });
      holder.remove();
      return faults;
    },
    [svg, png.toString("base64")],
  );
  expect(wrong).toEqual([]);
});

test("a CSV holds every tensor with every figure", async ({ folder, samples }) => {
  const { ui } = studio;
  await measureModels(studio, samples);
  await ui.getByRole("spinbutton", { name: "Scale λ" }).fill("0.65");
  const text = (await saveFigure(studio, folder, "CSV")).toString("utf8");
  const [caption = "", header = "", ...lines] = text.trimEnd().split("\n");
  expect(caption).toMatch(/^# .*τ = chat − base\..*λ 0\.65/);
  const columns = header.split(",");
  const reference = await ReferenceModels.open(samples);
  expect(lines).toHaveLength(reference.names.length);
  for (const line of lines) {
    const fields = Object.fromEntries(line.split(",").map((value, index) => [columns[index] ?? "", value]));
    const figures = reference.figures([fields.name ?? ""], () => 0.65);
    const expected = {
      vector: figures.vector,
      shift: figures.shift,
      relative: figures.relative,
      relativeToTarget: figures.relativeToTarget,
      cosine: figures.cosine,
      maxAbs: figures.maximum,
      meanAbs: figures.mean,
      zeroFraction: figures.zeroFraction,
      mergedShiftRelative: figures.mergedShiftRelative,
    };
    for (const [column, value] of Object.entries(expected)) {
      expect(Math.abs(Number(fields[column]) - value), `${column} of ${fields.name}`).toBeLessThanOrEqual(
        1e-5 * Math.max(Math.abs(value), column === "cosine" ? 1 : 0),
      );
    }
  }
});

test("a figure that cannot be written is said, and dismissing the dialog writes nothing", async ({
  folder,
  samples,
}) => {
  const { ui, app } = studio;
  await measureModels(studio, samples);
  await answerSaveDialog(app, join(folder, "missing", "figure.svg"));
  await ui.getByRole("button", { name: "Save figure" }).click();
  await ui.getByRole("menuitem", { name: "SVG" }).click();
  await expect(ui.getByRole("alert")).toContainText("The figure could not be saved");
  await ui.getByRole("button", { name: "Dismiss" }).click();
  await expect(ui.getByRole("alert")).toHaveCount(0);
});
