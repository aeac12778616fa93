import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { readImportGraph } from "./import-graph.mjs";
import { findUnused } from "./unused-check.mjs";

const roots: string[] = [];

afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
});

/** A whole small tree in which everything is used. */
const used = {
  "package.json": JSON.stringify({
    scripts: { start: "node build/start.mjs" },
    dependencies: { react: "1.0.0" },
    devDependencies: { typescript: "7.0.0", "@types/node": "20.0.0", "@types/react": "1.0.0" },
  }),
  "tsconfig.json": '{"compilerOptions": {"types": ["node"]}}',
  "build/start.mjs": 'import { spawn } from "node:child_process"; spawn("tsc"); spawn("node", ["build/worker.mjs"]);',
  "build/worker.mjs": "",
  "main.test.ts": 'import { a } from "./main.ts"; import "./index.html?raw"; a();',
  "main.ts": 'import * as all from "react"; export type A = 1; export function a(): A { return all; }',
  "index.html": '<script src="./ui.tsx"></script>',
  "ui.tsx": 'const { b, c: d } = await import("./lazy.ts"); export type T = import("./lazy.ts").L; d as T;',
  "lazy.ts": "export const b = 1; export const c = 2; export type L = 1;",
};

function unusedIn(files: Record<string, string>): string[] {
  const root = mkdtempSync(join(tmpdir(), "unused-"));
  roots.push(root);
  for (const [path, text] of Object.entries({ ...used, ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return findUnused(root, readImportGraph(root));
}

it("a tree in which everything is used is left alone", () => {
  expect(unusedIn({})).toEqual([]);
});

describe("what nobody uses is reported", () => {
  it("a file, though it uses others", () => {
    expect(unusedIn({ "x.ts": 'import "./y.ts";', "y.ts": "" })).toEqual([
      "x.ts: nothing uses this file",
      "y.ts: nothing uses this file",
    ]);
  });

  it("two files that use each other alone", () => {
    expect(unusedIn({ "x.css": '@import "y.css";', "y.css": '@import "x.css";' })).toHaveLength(2);
  });

  it("a file that is named in a comment alone", () => {
    expect(unusedIn({ "x.wgsl": "", "y.test.ts": '// see "x.wgsl"' })).toEqual(["x.wgsl: nothing uses this file"]);
  });

  it("an export, with its line, though its own file calls it", () => {
    expect(unusedIn({ "lazy.ts": "export const b = 1, c = 2; export type L = 1;\nexport const z = 1; z;" })).toEqual([
      "lazy.ts:2 exports z: nothing imports it",
    ]);
  });

  it("an export of a name that only another file's is imported by", () => {
    expect(unusedIn({ "x.test.ts": 'import { y } from "./y.ts"; y;', "y.ts": "export const y = 1, a = 2;" })).toEqual([
      "y.ts:1 exports a: nothing imports it",
    ]);
  });

  it("a type that even its own file does not speak of", () => {
    expect(
      unusedIn({ "y.ts": "export type Y = 1; export type Z = 1;", "x.test.ts": 'import { Y } from "./y.ts"; Y;' }),
    ).toEqual(["y.ts:1 exports Z: nothing imports it"]);
  });

  it("a package, for the program and for building it", () => {
    const manifest = { dependencies: { react: "1.0.0", koffi: "1.0.0" }, devDependencies: { "@types/koffi": "1.0.0" } };
    expect(
      unusedIn({ "package.json": JSON.stringify({ ...manifest, scripts: { a: "node build/start.mjs" } }) }),
    ).toEqual(["package.json: nothing uses koffi", "package.json: nothing uses @types/koffi"]);
  });
});

describe("used is also", () => {
  it("a program that a document tells people to run, not a file that it speaks of", () => {
    expect(unusedIn({ "build/x.mjs": "", "y.ts": "", "docs/a.md": "`node build/x.mjs`, and y.ts" })).toEqual([
      "y.ts: nothing uses this file",
    ]);
  });

  it("what passes through another file", () => {
    const files = { "y.ts": "export const y = 1;", "z.ts": 'export { y as z } from "./y.ts";' };
    expect(unusedIn({ ...files, "x.test.ts": 'import { z } from "./z.ts"; z;' })).toEqual([]);
  });
});
