import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import { expect } from "./workspace.ts";

interface AxeResult {
  readonly passes: readonly unknown[];
  readonly violations: readonly {
    readonly id: string;
    readonly help: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

interface AxeOptions {
  /** Else every rule that axe has, and the size of targets, which it leaves out by itself. */
  readonly runOnly?: readonly string[];
  readonly rules?: Readonly<Record<string, { readonly enabled: boolean }>>;
}

/**
 * Rows of a heatmap are as high as there is room for: that is what it is for. What their names do is done with larger targets
 * too: Enter on a cell opens its row, and a rule sets its λ.
 */
const asSmallAsRows = /class="row-(label|chevron)"/;

/** All that axe finds in the window as it is, of any impact; in both themes, which differ in their colours alone. */
export async function violations(ui: Page): Promise<readonly string[]> {
  const source = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  const found: string[] = [];
  for (const [colorScheme, options, leastPasses] of [
    ["dark", { rules: { "target-size": { enabled: true } } }, 10],
    ["light", { runOnly: ["color-contrast"] }, 1],
  ] as const) {
    await ui.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    // Colours may take a moment to change.
    await ui.waitForTimeout(300);
    await ui.evaluate(source);
    const { violations: all, passes } = await ui.evaluate(
      (given) => (globalThis as unknown as { axe: { run(options: AxeOptions): Promise<AxeResult> } }).axe.run(given),
      options,
    );
    expect(passes.length).toBeGreaterThanOrEqual(leastPasses);
    for (const { id, help, nodes } of all) {
      for (const { html, failureSummary } of nodes) {
        if (id === "target-size" && asSmallAsRows.test(html)) continue;
        found.push(`${colorScheme}: ${id}, ${help}: ${html.slice(0, 200)} ${failureSummary ?? ""}`);
      }
    }
  }
  return found;
}
