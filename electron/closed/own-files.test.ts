import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findOwnFile } from "./own-files.ts";

const folders = { app: join(import.meta.dirname, "out", "ui"), engine: join(import.meta.dirname, "out", "engine") };
const pathOf = (address: string) => findOwnFile(address, folders)?.path ?? null;

describe("an address of the application's scheme", () => {
  test.each([
    ["studio://app/index.html", join(folders.app, "index.html"), "text/html; charset=utf-8"],
    ["studio://app/index.html?a=../b#c", join(folders.app, "index.html"), "text/html; charset=utf-8"],
    ["studio://app/assets/a%20b.js", join(folders.app, "assets", "a b.js"), "text/javascript; charset=utf-8"],
    ["studio://engine/kernels.wasm", join(folders.engine, "kernels.wasm"), "application/wasm"],
  ])("%s is a file of its host", (address, path, contentType) => {
    expect(findOwnFile(address, folders)).toEqual({ host: new URL(address).host, path, contentType });
  });

  test.each([
    "studio://app/../engine/engine.js/../../../package.json",
    "studio://app/%2e%2e/%2e%2e/main/main.cjs",
    "studio://app/..%2f..%2fmain%2fa.js",
    "studio://app/..%2fui-of-another%2fa.js",
    "studio://app/..%5c..%5cmain%5ca.js",
    "studio://app/%252e%252e/a.js/..",
    "studio://app/a.js%00.html",
    "studio://app/%c0%ae%c0%ae/a.js",
    "studio://app/%zz.js",
    "studio://app//etc/passwd",
    "studio://app/",
    "studio://app",
    "studio://app/index.html.map",
    "studio://app/package.json",
    "studio://app/main.cjs",
    "studio://app/.env",
    "studio://other/index.html",
    "studio:///index.html",
    "studio://app:80/index.html",
    "studio://app.example.invalid/index.html",
    "studio://someone@app/index.html",
    "studio://app@example.invalid/index.html",
    "studio:app/index.html",
    "file:///etc/a.js",
    "not an address",
    "",
  ])("%s is none", (address) => {
    expect(pathOf(address)).toBe(null);
  });

  test("never leads out of its host's folder, whatever it is", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "..",
        "%2e%2e",
        ".",
        "/",
        "%2f",
        "\\",
        "%5c",
        "a.js",
        "index.html",
        "%00",
        "?",
        "#",
        "@",
        ":",
        "%",
      ),
      fc.string({ maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.constantFrom("app", "engine"), fc.array(piece, { maxLength: 12 }), (host, pieces) => {
        const found = findOwnFile(`studio://${host}/${pieces.join("")}`, folders);
        if (found !== null) expect(found.path.startsWith(join(folders[found.host], "/"))).toBe(true);
      }),
      { numRuns: 5000, seed: 20231005 },
    );
  });
});
