#!/usr/bin/env node
/**
 * Draws build/package/icons from icon.svg, with the Chromium of the application itself. Run it when the drawing has changed:
 * `node build/package/draw-icons.mjs`. The results are committed.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { _electron } from "@playwright/test";
import { bootstrapApplication } from "../bootstrap.mjs";
import { checkout } from "../checkout.mjs";
import { openDisplay } from "../display.mjs";
import { electronArguments } from "../electron-runtime.mjs";
import { runMain } from "../messages.mjs";
import { sandboxSwitches } from "../sandbox.mjs";
import { temporaryFolder } from "../temporary-folder.mjs";
import { icnsFile, icoFile } from "./icon-files.mjs";

const folder = join(checkout, "build", "package", "icons");

/** The tile alone, and the tile with the margin that macOS wants around it; in the drawing's units. */
const views = { tile: "100 100 824 824", withMargin: "0 0 1024 1024" };

const linuxSizes = [16, 24, 32, 48, 64, 128, 256, 512];
const windowsSizes = [16, 24, 32, 48, 64, 128, 256];
const macSizes = [32, 64, 128, 256, 512, 1024];

await runMain(async () => {
  const { executablePath } = await bootstrapApplication();
  const display = await openDisplay();
  const profile = temporaryFolder("icons");
  const app = await _electron.launch({
    executablePath,
    args: electronArguments(executablePath, {
      mode: "window",
      args: [],
      switches: [...sandboxSwitches(executablePath), `--user-data-dir=${profile.path}`],
    }),
    env: { ...process.env, ...display.env, CHAT_VECTOR_TEST_GATE: "closed" },
  });
  try {
    const page = await app.waitForEvent("window", { predicate: (window) => window.url().startsWith("studio://app/") });
    const draw = (/** @type {keyof typeof views} */ view, /** @type {number} */ size) =>
      drawPng(page, views[view], size);
    mkdirSync(join(folder, "png"), { recursive: true });
    for (const size of linuxSizes) writeFileSync(join(folder, "png", `${size}x${size}.png`), await draw("tile", size));
    writeFileSync(join(folder, "icon.ico"), icoFile(await drawAll(draw, "tile", windowsSizes)));
    writeFileSync(join(folder, "icon.icns"), icnsFile(await drawAll(draw, "withMargin", macSizes)));
  } finally {
    await app.close();
    profile.remove();
    display.stop();
  }
  return 0;
});

/**
 * @template {string} View
 * @param {(view: View, size: number) => Promise<Buffer>} draw
 * @param {View} view
 * @param {readonly number[]} sizes
 */
async function drawAll(draw, view, sizes) {
  const images = [];
  for (const size of sizes) images.push({ size, png: await draw(view, size) });
  return images;
}

/**
 * @param {import("@playwright/test").Page} page whose policy allows images from data: addresses
 * @param {string} viewBox
 * @param {number} size in pixels
 */
async function drawPng(page, viewBox, size) {
  const drawing = readFileSync(join(folder, "icon.svg"), "utf8").replace(
    /viewBox="[^"]*"/,
    `viewBox="${viewBox}" width="${size}" height="${size}"`,
  );
  const address = `data:image/svg+xml;base64,${Buffer.from(drawing).toString("base64")}`;
  const encoded = await page.evaluate(
    async ({ address, size }) => {
      const image = new Image(size, size);
      image.src = address;
      await image.decode();
      const canvas = Object.assign(document.createElement("canvas"), { width: size, height: size });
      canvas.getContext("2d")?.drawImage(image, 0, 0, size, size);
      return canvas.toDataURL("image/png");
    },
    { address, size },
  );
  return Buffer.from(encoded.slice(encoded.indexOf(",") + 1), "base64");
}
