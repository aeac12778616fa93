import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Locator, Page } from "@playwright/test";
import { launchStudio, type Studio } from "./launch.ts";
import { heatmap, moveToCell } from "./support/heatmap.ts";
import { measureModels, textOf } from "./support/models.ts";
import { ReferenceModels } from "./support/reference-measure.ts";
import { parseShown, wrongNumber } from "./support/shown-number.ts";
import { expect, test } from "./support/workspace.ts";

let studio: Studio;

test.beforeEach(async () => {
  studio = await launchStudio();
});

test.afterEach(async () => {
  await studio.close();
});

const inspector = (ui: Page) => ui.getByRole("region", { name: "Inspector" });
const name = "model.layers.7.mlp.down_proj.weight";

/** Heights of a bar chart, from 0 to 1, by the bar's place. */
async function barsOf(chart: Locator): Promise<ReadonlyMap<number, number>> {
  const path = (await chart.locator("path").getAttribute("d")) ?? "";
  const bars = [...path.matchAll(/M([\d.]+) 1V([\d.]+)H/g)];
  return new Map(bars.map(([, x, top]) => [Math.floor(Number(x)), 1 - Number(top)]));
}

test("a tensor's figures, histograms and rows are what float64 says", async ({ samples }) => {
  const { ui } = studio;
  await measureModels(studio, samples);
  await ui.getByRole("spinbutton", { name: "Scale λ" }).fill("0.6");
  await moveToCell(ui, "down_proj", 7);
  const panel = inspector(ui);
  await expect(panel.getByRole("heading", { name })).toBeVisible();
  const reference = await ReferenceModels.open(samples);
  const [rows = 0, columns = 0] = reference.shape(name);
  await expect(panel).toContainText(`${rows} × ${columns}, bf16`);

  const figures = reference.figures([name], () => 0.6);
  const facts: readonly (readonly [string, number])[] = [
    ["‖τ‖", figures.vector],
    ["‖τ‖ / ‖base‖", figures.relative],
    ["‖τ‖ / ‖target‖", figures.relativeToTarget],
    ["‖σ‖ (target shift)", figures.shift],
    ["cos(τ, σ)", figures.cosine],
    ["max |τ|", figures.maximum],
    ["mean |τ|", figures.mean],
    ["unchanged", figures.zeroFraction],
    ["merged shift at λ 0.60", figures.mergedShiftRelative],
  ];
  for (const [fact, value] of facts) {
    const shown = panel.locator("dl > div", { has: ui.getByText(fact, { exact: true }) }).getByRole("definition");
    expect(wrongNumber(await textOf(shown), value), fact).toBeNull();
  }

  const [chat, base] = [reference.values("chat", name), reference.values("base", name)];
  const tau = chat.map((value, index) => value - (base[index] ?? 0));
  const changes = panel.getByRole("img", { name: /^Histogram of/ });
  const least = Number(/from 2 to the (-?\d+)/.exec((await changes.getAttribute("aria-label")) ?? "")?.[1]);
  const counts = new Map<number, number>();
  for (const value of tau) {
    if (value === 0) continue;
    // Two bins an octave: the upper half of one begins at 1.5 times its power of two.
    const octave = Math.floor(Math.log2(Math.abs(value)));
    const bin = 2 * (octave - least) + (Math.abs(value) >= 1.5 * 2 ** octave ? 1 : 0);
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  }
  const most = Math.max(...counts.values());
  const drawn = await barsOf(changes);
  const wrongBars = [...counts].filter(([bin, count]) => Math.abs((drawn.get(bin) ?? 0) - count / most) > 2e-4);
  expect(wrongBars).toEqual([]);
  expect(drawn.size).toBe(counts.size);

  const norms = Array.from({ length: rows }, (_, row) =>
    Math.hypot(...tau.subarray(row * columns, (row + 1) * columns)),
  );
  const byRow = panel.getByRole("img", { name: /^Norm of τ in each of/ });
  const label = (await byRow.getAttribute("aria-label")) ?? "";
  expect(label).toContain(`each of ${rows} rows`);
  expect(wrongNumber(label.split("at most")[1] ?? "", Math.max(...norms))).toBeNull();
  const top = norms.map((norm, row) => ({ norm, row })).sort((a, b) => b.norm - a.norm);
  await expect(panel).toContainText(
    `most in ${top
      .slice(0, 6)
      .map(({ row }) => row)
      .join(", ")}`,
  );
  await expect(panel).toContainText("merged, λ 0.60, rounded once to bf16");
});

test("the distribution of the values is that of the files", async ({ samples }) => {
  const { ui } = studio;
  await measureModels(studio, samples);
  await moveToCell(ui, "down_proj", 7);
  const chart = inspector(ui).getByRole("img", { name: /^Values of target, chat, base from/ });
  await expect(chart).toBeVisible();
  const reference = await ReferenceModels.open(samples);
  const all = (["target", "chat", "base"] as const).map((role) => reference.values(role, name));
  const [from = "", to = ""] = ((await chart.getAttribute("aria-label")) ?? "").split(" from ")[1]?.split(" to ") ?? [];
  const least = Math.min(...all.map((values) => Math.min(...values)));
  const most = Math.max(...all.map((values) => Math.max(...values)));
  // The axis reaches 5 % further, for values that a sample of them did not show.
  expect(Math.abs((parseShown(from)?.value ?? 0) - least)).toBeLessThan(0.06 * (most - least));
  expect(Math.abs((parseShown(to)?.value ?? 0) - most)).toBeLessThan(0.06 * (most - least));

  // The outline's area up to the middle, over all of it: the share of values below the middle.
  for (const [index, role] of (["target", "chat", "base"] as const).entries()) {
    const path = (await chart.locator(`path[data-role=${role}]`).getAttribute("d")) ?? "";
    const start = Number(/^M([\d.-]+)/.exec(path)?.[1]);
    const steps = [...path.matchAll(/V([\d.]+)H([\d.]+)/g)].map(([, y, x]) => ({
      height: 1 - Number(y),
      x: Number(x),
    }));
    let left = start;
    let below = 0;
    let area = 0;
    for (const { height, x } of steps) {
      area += height * (x - left);
      if (x <= 45) below += height * (x - left);
      left = x;
    }
    const values = all[index] ?? new Float64Array();
    const bound = least + 0.45 * (most - least);
    const share = values.filter((value) => value < bound).length / values.length;
    expect(Math.abs(below / area - share)).toBeLessThan(0.06);
  }
});

test("a window of values shows what the files hold, and moves by keys and fields", async ({ samples }) => {
  const { ui } = studio;
  await measureModels(studio, samples);
  await moveToCell(ui, "down_proj", 7);
  const reference = await ReferenceModels.open(samples);
  const [rows = 0, columns = 0] = reference.shape(name);
  const place = inspector(ui).getByRole("region", { name: "Values at a place" });
  const shows = async (role: "target" | "chat" | "base", row: number, column: number) => {
    const values = reference.values(role, name);
    await expect(async () => {
      const shown = await place.getByRole("row").all();
      expect(shown).toHaveLength(5);
      for (const [down, line] of shown.entries()) {
        for (const [right, cell] of (await line.getByRole("cell").allTextContents()).entries()) {
          expect(wrongNumber(cell, values[(row + down) * columns + column + right] ?? Number.NaN)).toBeNull();
        }
      }
    }).toPass();
  };
  await shows("target", 0, 0);
  await place.getByRole("radio", { name: "chat" }).click();
  await shows("chat", 0, 0);
  await place.getByRole("group", { name: /^Values of chat/ }).focus();
  await ui.keyboard.press("ArrowDown");
  await ui.keyboard.press("ArrowRight");
  await ui.keyboard.press("PageDown");
  await shows("chat", 6, 1);
  await ui.keyboard.press("End");
  await expect(place.getByRole("spinbutton", { name: "row" })).toHaveValue(String(rows - 5));
  await place.getByRole("spinbutton", { name: "row" }).fill("20");
  await place.getByRole("spinbutton", { name: "column" }).fill("30");
  await shows("chat", 20, 30);
});

test("the rows of the embeddings that changed most are named with their tokens", async ({ samples }) => {
  const { ui } = studio;
  await measureModels(studio, samples);
  await heatmap(ui).focus();
  await ui.keyboard.press("Control+Home");
  const embeddings = "model.embed_tokens.weight";
  await expect(inspector(ui).getByRole("heading", { name: embeddings })).toBeVisible();
  const reference = await ReferenceModels.open(samples);
  const [rows = 0, columns = 0] = reference.shape(embeddings);
  const [chat, base] = [reference.values("chat", embeddings), reference.values("base", embeddings)];
  const norms = Array.from({ length: rows }, (_, row) => {
    const tau = Array.from({ length: columns }, (__, column) => {
      const at = row * columns + column;
      return (chat[at] ?? 0) - (base[at] ?? 0);
    });
    return { row, norm: Math.hypot(...tau) };
  }).sort((a, b) => b.norm - a.norm);
  const tokenizer = JSON.parse(await readFile(join(samples.target, "tokenizer.json"), "utf8"));
  const tokens = new Map<number, string>(
    Object.entries<number>(tokenizer.model.vocab).map(([token, row]) => [row, token]),
  );
  const listed = inspector(ui).getByRole("list", { name: "Rows that changed most" }).getByRole("listitem");
  await expect(listed).toHaveCount(6);
  for (const [index, text] of (await listed.allTextContents()).entries()) {
    const expected = norms[index];
    if (expected === undefined) throw new Error("too few rows");
    expect(text).toContain(`row ${expected.row.toLocaleString("en-US")}`);
    const token = tokens.get(expected.row) ?? "";
    expect(text).toContain(token);
    expect(wrongNumber(text.slice(text.lastIndexOf(token) + token.length), expected.norm)).toBeNull();
  }
});
