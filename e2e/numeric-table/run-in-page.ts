import type { Page } from "@playwright/test";
import { compileKernels } from "../../build/compile-kernels.mjs";
import { bundleNumericTable } from "./bundle.ts";
import type { NumericTableReport } from "./report.ts";

/**
 * Runs the numeric tables on each backend in a page, whose policy may forbid scripts: of a browser, or Electron's engine window. The page is
 * isolated: it has shared memory.
 */
export async function runNumericTableIn(page: Page): Promise<readonly NumericTableReport[]> {
  await page.evaluate(await bundleNumericTable());
  const kernels = JSON.stringify([...(await compileKernels())]);
  return [
    (await page.evaluate("numericTable.runOnGpu()")) as NumericTableReport,
    (await page.evaluate(`numericTable.runOnCpu(Uint8Array.from(${kernels}))`)) as NumericTableReport,
  ];
}
