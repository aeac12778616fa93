import type { Page } from "@playwright/test";
import { bundleNumericTable } from "./bundle.ts";
import type { NumericTableReport } from "./report.ts";

/** Runs the numeric table in a page, whose policy may forbid scripts: of a browser, or Electron's engine window. */
export async function runNumericTableIn(page: Page): Promise<NumericTableReport> {
  await page.evaluate(await bundleNumericTable());
  return (await page.evaluate("numericTable.run()")) as NumericTableReport;
}
