import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import { launchStudio, type Studio } from "./launch.ts";
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

interface AxeResult {
  readonly passes: readonly unknown[];
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string | null;
    readonly help: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

/** What axe finds in the window as it is, with an impact of "serious" or "critical"; in both themes. */
async function violations(ui: Page): Promise<readonly string[]> {
  const source = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  const found: string[] = [];
  for (const colorScheme of ["dark", "light"] as const) {
    await ui.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    // Colours may take a moment to change.
    await ui.waitForTimeout(300);
    await ui.evaluate(source);
    const { violations: all, passes } = await ui.evaluate(() =>
      (globalThis as unknown as { axe: { run(): Promise<AxeResult> } }).axe.run(),
    );
    expect(passes.length).toBeGreaterThan(10);
    for (const { id, impact, help, nodes } of all) {
      if (impact !== "serious" && impact !== "critical") continue;
      for (const { html, failureSummary } of nodes) {
        found.push(`${colorScheme}: ${id}, ${help}: ${html.slice(0, 200)} ${failureSummary ?? ""}`);
      }
    }
  }
  return found;
}

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
