import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { checkout } from "./checkout.mjs";
import { findBreaches } from "./import-check.mjs";
import { readImportGraph } from "./import-graph.mjs";

const roots: string[] = [];

afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
});

/** What imports can point at; each file is harmless by itself. */
const harmless = {
  "src-core/errors.ts": "export const e = 1;",
  "src-core/checkpoint/dtype.ts": "export type D = 1; export const d = 1;",
  "src-core/vocabulary/vocabulary.ts": "export const o = 1;",
  "src-core/plan/plan.ts": "export type P = 1; export const p = 1;",
  "src-core/engine/pipeline.ts": "export type L = 1; export const l = 1;",
  "src-core/gpu/device.ts": "export type V = GPUDevice; export const v = 1;",
  "src-core/recipe/recipe.ts": "export const r = 1;",
  "src-core/reference/merge.ts": "export const m = 1;",
  "src-core/statistics/gram.ts": "export const g = 1;",
  "src-core/test-support/fakes.ts": "export const f = 1;",
  "shaders/merge.wgsl": "",
  "electron/api/a.ts": "export type A = 1; export const a = 1;",
  "electron/window/window.ts": "export const w = 1;",
  "electron/ipc/ipc.ts": "export const i = 1;",
  "electron/headless/headless.ts": "export const h = 1;",
  "electron/jobs.ts": "export type J = 1; export const j = 1;",
  "renderer/ui/app.tsx": "export const u = <p>{1}</p>;",
  "renderer/engine/engine.ts": "export const n = 1;",
  "build/tool.mjs": "export const t = 1;",
};

function tree(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), "import-rules-"));
  roots.push(root);
  for (const [path, text] of Object.entries({ ...harmless, ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const breachesOf = (files: Record<string, string>) => findBreaches(readImportGraph(tree(files)));

describe("an import against the rules is reported, with its file, line and rule", () => {
  it.each([
    ["src-core/plan/x.ts", 'import { readFile } from "node:fs";', "src-core imports nothing outside"],
    ["src-core/plan/x.ts", 'import { readFile } from "fs";', "src-core imports nothing outside"],
    ["src-core/x.ts", 'import { app } from "electron";', "src-core imports nothing outside"],
    ["src-core/x.ts", 'import type { FC } from "react";', "src-core imports nothing outside"],
    ["src-core/x.ts", 'import { a } from "../electron/api/a.ts";', "src-core imports nothing outside"],
    ["src-core/x.ts", 'export * from "../renderer/ui/app.tsx";', "src-core imports nothing outside"],
    ["src-core/x.ts", 'export const x = () => import("node:path");', "src-core imports nothing outside"],
    ["src-core/x.ts", 'export type X = import("electron").App;', "src-core imports nothing outside"],
    ["src-core/checkpoint/x.ts", 'import { p } from "../plan/plan.ts";', "ground floor"],
    ["src-core/checkpoint/x.ts", 'import type { P } from "../plan/plan.ts";', "ground floor"],
    ["src-core/checkpoint/x.ts", 'import { r } from "../recipe/recipe.ts";', "ground floor"],
    ["src-core/checkpoint/x.ts", 'import { m } from "../reference/merge.ts";', "ground floor"],
    ["src-core/checkpoint/x.ts", 'import { g } from "../statistics/gram.ts";', "ground floor"],
    ["src-core/plan/x.ts", 'import { l } from "../engine/pipeline.ts";', "does not know what carries it out"],
    ["src-core/reference/x.ts", 'import type { L } from "../engine/pipeline.ts";', "does not know what carries it out"],
    ["src-core/vocabulary/x.ts", 'import { p } from "../plan/plan.ts";', "knows files and tokens"],
    ["src-core/vocabulary/x.ts", 'import { l } from "../engine/pipeline.ts";', "knows files and tokens"],
    ["src-core/vocabulary/x.ts", 'import type { V } from "../gpu/device.ts";', "knows files and tokens"],
    ["src-core/recipe/x.ts", 'import { v } from "../gpu/device.ts";', "never see a GPU"],
    ["src-core/statistics/x.ts", 'import { v } from "../gpu/device.ts";', "never see a GPU"],
    ["src-core/reference/x.ts", 'import s from "../../shaders/merge.wgsl?raw";', "never see a GPU"],
    ["src-core/reference/x.ts", "export function x(device: GPUDevice) { return device; }", "never sees a GPU"],
    ["src-core/engine/x.ts", 'import type { V } from "../gpu/device.ts";', "through Backend only"],
    ["renderer/ui/x.tsx", 'import { a } from "../../electron/api/a.ts";', "through window.studio only"],
    ["renderer/ui/x.tsx", 'import type { J } from "../../electron/jobs.ts";', "types of electron/api"],
    ["electron/checkpoints/x.ts", 'import { j } from "../jobs.ts";', "main's ground floor"],
    ["electron/export/x.ts", 'import { w } from "../window/window.ts";', "neither the windows nor the command line"],
    ["electron/headless/x.ts", 'import { i } from "../ipc/ipc.ts";', "do not know each other"],
    ["electron/settings/x.ts", 'import { h } from "../headless/headless.ts";', "do not know each other"],
    ["renderer/ui/x.tsx", 'import { ipcRenderer } from "electron";', "through window.studio only"],
    ["renderer/ui/x.tsx", 'import { statSync } from "node:fs";', "through window.studio only"],
    ["renderer/ui/x.tsx", 'import { n } from "../engine/engine.ts";', "through window.studio only"],
    ["renderer/ui/x.tsx", 'import { m } from "../../src-core/reference/merge.ts";', "computes nothing about tensors"],
    ["renderer/engine/x.ts", 'import { j } from "../../electron/jobs.ts";', "stands on src-core and Node"],
    ["renderer/engine/x.ts", 'import { u } from "../ui/app.tsx";', "knows nothing of the window"],
    ["renderer/engine/x.ts", 'const koffi = require("koffi");', "stands on src-core and Node"],
    ["electron/x.ts", 'import { u } from "../renderer/ui/app.tsx";', "electron never imports renderer"],
    ["electron/x.ts", 'import { v } from "../src-core/gpu/device.ts";', "leaves compute to the engine"],
    ["build/x.mjs", 'import { e } from "../src-core/errors.ts";', "build imports nothing of the application"],
    ["src-core/x.ts", 'import { f } from "./test-support/fakes.ts";', "does not import its tests"],
    ["src-core/x.ts", 'import { y } from "./not-there.ts";', "a file that is not there"],
  ])("%s: %s", (path, code, rule) => {
    const breaches = breachesOf({ [path]: `// first line\n${code}` });
    expect(breaches).toContainEqual(expect.stringContaining(rule));
    for (const breach of breaches) expect(breach).toMatch(`${path}:2 `);
  });

  it("a cycle, of types too", () => {
    expect(
      breachesOf({
        "src-core/plan/x.ts": 'import type { Y } from "./y.ts"; export type X = 1 | Y;',
        "src-core/plan/y.ts": 'import type { X } from "./x.ts"; export type Y = X;',
      }),
    ).toEqual(["src-core/plan/x.ts → src-core/plan/y.ts → src-core/plan/x.ts: no cycles"]);
  });
});

describe("an import within the rules is left alone", () => {
  it.each([
    ["src-core/x.ts", 'import { z } from "zod";'],
    ["src-core/checkpoint/x.ts", 'import { e } from "../errors.ts";'],
    ["src-core/plan/x.ts", 'import { d } from "../checkpoint/dtype.ts";'],
    ["src-core/plan/x.ts", 'import { o } from "../vocabulary/vocabulary.ts";'],
    ["src-core/vocabulary/x.ts", 'import { d } from "../checkpoint/dtype.ts";'],
    ["src-core/gpu/x.ts", 'import s from "../../shaders/merge.wgsl?raw";'],
    ["src-core/reference/x.ts", "/** The twin of what a GPUDevice does; see `import` in node:fs. */"],
    ["src-core/plan/x.test.ts", 'import { readFile } from "node:fs"; import { f } from "../test-support/fakes.ts";'],
    ["renderer/ui/x.tsx", 'import type { A } from "../../electron/api/a.ts";'],
    ["renderer/ui/x.tsx", 'import { type A } from "../../electron/api/a.ts";'],
    ["renderer/ui/x.tsx", 'import { create } from "zustand"; import { p } from "../../src-core/plan/plan.ts";'],
    [
      "renderer/engine/x.ts",
      'import { open } from "node:fs/promises"; import { v } from "../../src-core/gpu/device.ts";',
    ],
    ["electron/x.ts", 'import { app } from "electron"; import { p } from "../src-core/plan/plan.ts";'],
  ])("%s: %s", (path, code) => {
    expect(breachesOf({ [path]: code })).toEqual([]);
  });
});

describe("the command that checks a tree", () => {
  const check = (root: string) => spawnSync(process.execPath, [join(checkout, "build", "check-imports.mjs"), root]);

  it("fails on a breach and says it", () => {
    const { status, stdout } = check(tree({ "electron/x.ts": 'import { u } from "../renderer/ui/app.tsx";' }));
    expect(String(stdout)).toContain("electron/x.ts:1 imports renderer/ui/app.tsx: electron never imports renderer");
    expect(status).toBe(1);
  });

  // Whatever a test imports is used.
  const usesAll = Object.keys(harmless).map((path) => `import * as all from "./${path}";`);

  it("fails on what nothing uses and says it", () => {
    const { status, stdout } = check(tree({ "all.test.ts": usesAll.join("\n"), "electron/x.ts": "" }));
    expect(String(stdout)).toContain("electron/x.ts: nothing uses this file");
    expect(status).toBe(1);
  });

  it("passes a tree without either", () => {
    expect(check(tree({ "all.test.ts": usesAll.join("\n") })).status).toBe(0);
  });

  it("fails where there is nothing to check", () => {
    const root = mkdtempSync(join(tmpdir(), "import-rules-"));
    roots.push(root);
    expect(check(root).status).toBe(1);
  });
});
