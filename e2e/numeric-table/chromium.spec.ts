import { existsSync } from "node:fs";
import { type Browser, chromium, expect, type Page, test } from "@playwright/test";
import { runNumericTableIn } from "./run-in-page.ts";

const executablePath = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
/** WebGPU is offered to secure contexts only, and this address is one. */
const address = "http://localhost/numeric-table";
/** A page has shared memory when it is kept apart from all others. */
const isolating = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

test("a current Chromium merges and measures every numeric case within the contract", async () => {
  test.skip(!existsSync(executablePath), `no Chromium at ${executablePath}; CHROMIUM_PATH may name one`);
  test.setTimeout(300_000);
  const browser = await launchWithAdapter();
  try {
    const reports = await runNumericTableIn(await openPage(browser));
    expect(reports).toHaveLength(2);
    for (const { merge, measure, adapter } of reports) {
      test.info().annotations.push({ type: "adapter", description: `${adapter}, Chromium ${browser.version()}` });
      for (const { cases, failures } of [merge, measure]) {
        expect(failures).toEqual([]);
        expect(cases).toBeGreaterThan(0);
      }
    }
  } finally {
    await browser.close();
  }
});

/** With SwiftShader only where there is no GPU. */
async function launchWithAdapter(): Promise<Browser> {
  const args = ["--enable-unsafe-webgpu", "--enable-features=Vulkan"];
  if (process.getuid?.() === 0) args.push("--no-sandbox");
  const browser = await chromium.launch({ executablePath, args });
  const page = await openPage(browser);
  const hasAdapter = await page.evaluate(async () => (await navigator.gpu?.requestAdapter()) != null);
  if (hasAdapter) {
    await page.close();
    return browser;
  }
  await browser.close();
  return await chromium.launch({ executablePath, args: [...args, "--use-webgpu-adapter=swiftshader"] });
}

async function openPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage();
  await page.route(address, (route) =>
    route.fulfill({ contentType: "text/html", headers: isolating, body: "<!doctype html>" }),
  );
  await page.goto(address);
  return page;
}
