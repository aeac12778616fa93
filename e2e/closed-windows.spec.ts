import { launchStudio, type Studio } from "./launch.ts";
import { expect, test } from "./support/workspace.ts";

let studio: Studio;

test.beforeAll(async () => {
  studio = await launchStudio();
});

test.afterAll(async () => {
  await studio.close();
});

test("the window has no Node, and of Electron only its own requests", async () => {
  const found = await studio.ui.evaluate(() => ({
    require: typeof (globalThis as Record<string, unknown>).require,
    process: typeof (globalThis as Record<string, unknown>).process,
    buffer: typeof (globalThis as Record<string, unknown>).Buffer,
    electron: typeof (globalThis as Record<string, unknown>).electron,
    studio: Object.keys(window.studio).sort(),
  }));
  expect(found).toMatchObject({
    require: "undefined",
    process: "undefined",
    buffer: "undefined",
    electron: "undefined",
  });
  expect(found.studio).toContain("startExport");
  expect(found.studio).not.toContain("invoke");
});

test("neither window can navigate or open another", async () => {
  for (const page of [studio.ui, studio.engine]) {
    const before = page.url();
    await page.evaluate(() => {
      window.open("https://example.invalid/");
      location.href = "https://example.invalid/";
    });
    await page.evaluate(() => {
      location.href = "file:///etc/passwd";
    });
    await page.waitForTimeout(300);
    expect(page.url()).toBe(before);
  }
  expect(studio.app.windows()).toHaveLength(2);
});

test("requests from a foreign frame are refused", async () => {
  // A window of another page with the same preload: what a hole in the page would give an attacker.
  const answer = await studio.app.evaluate(async ({ app, BrowserWindow }) => {
    const preload = `${app.getAppPath()}/out/preload/preload.cjs`;
    const window = new BrowserWindow({ show: false, webPreferences: { sandbox: true, preload } });
    await window.loadURL("data:text/html,foreign");
    const result = await window.webContents.executeJavaScript(
      "window.studio === undefined ? 'no studio' : window.studio.environment().then(() => 'answered', (error) => error.message)",
    );
    window.destroy();
    return result;
  });
  expect(answer).toContain("refused: not from the application's window");
});

test("requests of the wrong shape are refused", async () => {
  const answer = await studio.ui.evaluate(() =>
    window.studio.closeCheckpoint("../../etc/passwd").then(
      () => "answered",
      (error: Error) => error.message,
    ),
  );
  expect(answer).toContain("closeCheckpoint");
});

test("the application's scheme serves only its own files", async () => {
  const statuses = await studio.ui.evaluate(async () => {
    const paths = [
      "/index.html",
      "/../engine/engine.js",
      "/%2e%2e/%2e%2e/package.json",
      "/..%2f..%2fpackage.json",
      "/",
    ];
    return Promise.all(paths.map((path) => fetch(`studio://app${path}`).then(({ status }) => status)));
  });
  expect(statuses).toEqual([200, 404, 404, 404, 404]);
});

test("no script runs but the page's own", async () => {
  const blocked = await studio.ui.evaluate(async () => {
    const violations: string[] = [];
    document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) =>
      violations.push(effectiveDirective),
    );
    const inline = document.createElement("script");
    inline.textContent = "window.injected = true";
    document.body.append(inline);
    const image = document.createElement("img");
    image.src = "https://example.invalid/pixel.png";
    document.body.append(image);
    await new Promise((resolve) => setTimeout(resolve, 200));
    return { violations, injected: "injected" in window };
  });
  expect(blocked.injected).toBe(false);
  expect(blocked.violations).toEqual(expect.arrayContaining(["script-src-elem", "img-src"]));
});
