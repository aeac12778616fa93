import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import { expect } from "./workspace.ts";

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
export async function violations(ui: Page): Promise<readonly string[]> {
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
