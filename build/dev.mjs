#!/usr/bin/env node
/** `npm run dev`: the application on sources that are being edited. An edit of the window reloads it; any other restarts all. */
import { performance } from "node:perf_hooks";
import { bootstrap } from "./bootstrap.mjs";
import { passWithoutNoise } from "./chromium-noise.mjs";
import { openDisplay } from "./display.mjs";
import { electronArguments } from "./electron-runtime.mjs";
import { warningEnvironment } from "./launch-electron.mjs";
import { explain, runMain, say } from "./messages.mjs";
import { sandboxSwitches } from "./sandbox.mjs";

await runMain(async () => {
  const runtime = await bootstrap();
  const { watchBundles } = await import("./watch-bundles.mjs");
  const display = await openDisplay();
  try {
    /** @type {Awaited<ReturnType<typeof open>> | null} */
    let application = null;
    const closed = () => application?.closed;
    for await (const names of untilClosed(watchBundles(), closed)) {
      say(`built: ${names.join(", ")}`);
      const start = performance.now();
      if (application !== null && names.every((/** @type {string} */ name) => name === "ui")) {
        await application.reloadWindows();
      } else {
        await application?.close();
        // Sources that do not start are what one is about to edit.
        application = await open(runtime, display.env).catch((error) => {
          say(explain(error));
          return null;
        });
        await application?.shown();
      }
      say(`shown ${((performance.now() - start) / 1000).toFixed(1)} s later`);
    }
    return 0;
  } finally {
    display.stop();
  }
});

/**
 * Passes changes on until the person has closed the application.
 * @template Change
 * @param {AsyncGenerator<Change, void, void>} changes
 * @param {() => Promise<"closed"> | undefined} closed of the application that runs now
 */
async function* untilClosed(changes, closed) {
  for (;;) {
    const next = await Promise.race([changes.next(), closed() ?? new Promise(() => {})]);
    if (next === "closed" || next.done) return;
    yield next.value;
  }
}

/**
 * @param {import("./electron-runtime.mjs").ElectronRuntime} runtime
 * @param {Record<string, string>} displayEnv
 */
async function open(runtime, displayEnv) {
  const { _electron } = await import("@playwright/test");
  const switches = sandboxSwitches(runtime.executablePath);
  const app = await _electron.launch({
    executablePath: runtime.executablePath,
    chromiumSandbox: !switches.includes("--no-sandbox"),
    args: electronArguments(runtime.executablePath, { mode: "window", args: process.argv.slice(2), switches }),
    env: {
      .../** @type {Record<string, string>} */ (process.env),
      ...displayEnv,
      ...warningEnvironment(runtime),
      CHAT_VECTOR_TEST_GATE: "closed",
      CHAT_VECTOR_DEVELOPMENT: "1",
    },
  });
  const { stderr } = app.process();
  if (stderr !== null) passWithoutNoise(stderr, process.stderr);
  /** @type {Promise<"closed">} */
  const closed = new Promise((resolve) => {
    app.on("close", () => resolve("closed"));
  });
  const windows = () => app.windows().filter((page) => page.url().startsWith("studio://app/"));
  const reloadWindows = async () => {
    await Promise.all(windows().map((page) => page.reload()));
  };
  const shown = async () => {
    while (windows().length === 0 && app.windows().length < 2) {
      await Promise.race([closed, app.waitForEvent("window").catch(() => {})]);
    }
    await windows()[0]?.waitForLoadState();
  };
  const close = async () => {
    // What is unsaved was asked to go with the edit.
    await app
      .evaluate(({ dialog }) => {
        dialog.showMessageBox = async () => ({ response: 1, checkboxChecked: false });
      })
      .catch(() => {});
    await app.close();
  };
  return { closed, reloadWindows, shown, close };
}
