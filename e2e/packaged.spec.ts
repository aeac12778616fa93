import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FuseV1Options } from "@electron/fuses";
import { readFuses, shippedFuses } from "../build/package/fuses.mjs";
import { sandboxSwitches } from "../build/sandbox.mjs";
import { launchStudio } from "./launch.ts";
import { answerSaveDialog } from "./support/dialogs.ts";
import { heatmap, readCells } from "./support/heatmap.ts";
import { measureModels } from "./support/models.ts";
import { folderBytes, listArchive, packagedApplication, runProgram } from "./support/packaged.ts";
import { differingTensors, referenceMerge } from "./support/reference-merge.ts";
import { expect, test } from "./support/workspace.ts";

const { program, folder, electronFolder } = packagedApplication();
const resources =
  process.platform === "darwin" ? join(folder, "Contents", "Resources") : join(dirname(program), "resources");
const launcher = join(resources, "bin", `chat-vector-studio${process.platform === "win32" ? ".cmd" : ""}`);

test("the program that ships has its fuses set", async () => {
  const fuses = await readFuses(program);
  for (const [name, value] of Object.entries(shippedFuses(process.platform))) {
    // Electron 25 has no fuse yet for files' extra privileges; every other one must be there.
    const isThere = fuses.has(Number(name)) || Number(name) !== FuseV1Options.GrantFileProtocolExtraPrivileges;
    if (isThere)
      expect([FuseV1Options[Number(name)], fuses.get(Number(name))]).toEqual([FuseV1Options[Number(name)], value]);
  }
});

test("it is no Node, takes no Node options and opens no debugger", async () => {
  const switches = sandboxSwitches(program);
  const asNode = await runProgram(program, [...switches, "--version"], { env: { ELECTRON_RUN_AS_NODE: "1" } });
  expect(asNode.stdout.trim()).toMatch(/^\d+\.\d+\.\d+$/);
  const options = { env: { NODE_OPTIONS: "--require=/nonexistent/injected.cjs" } };
  const injected = await runProgram(program, [...switches, "--version"], options);
  expect(injected.stderr).not.toContain("injected.cjs");
  expect(injected.code).toBe(0);
  const inspected = await runProgram(program, [...switches, "--inspect=0", "--version"]);
  expect(inspected.stderr).not.toContain("Debugger listening");
  expect(inspected.code).toBe(0);
});

test("it carries the bundles and koffi for this platform, and nothing else", async () => {
  const names = await listArchive(join(resources, "app.asar"));
  const shipped =
    /^(package\.json|out\/(main\/main\.cjs|preload\/preload\.cjs|ui\/.+\.(html|js|css|woff2?|svg|png)|engine\/[^/]+\.(html|js|wasm))|node_modules\/(koffi|@koromix\/koffi-[^/]+)\/.+)$/;
  expect(names.filter((name) => !shipped.test(name))).toEqual([]);
  expect(names.filter((name) => /\.(map|ts|tsx|cc|hh|wgsl)$|\.(test|spec)\./.test(name))).toEqual([]);
  const native = names.filter((name) => name.endsWith(".node"));
  expect(native).toHaveLength(1);
  expect(native[0]).toContain(`${process.platform}_${process.arch}`);
  expect((await readdir(resources)).sort()).toEqual(expect.arrayContaining(["app.asar", "app.asar.unpacked", "bin"]));
  expect(await readdir(resources)).not.toContain("default_app.asar");
});

test("it carries the licences of all that is bundled", async () => {
  const notices = await readFile(join(resources, "NOTICES.txt"), "utf8");
  for (const name of [
    "react",
    "react-dom",
    "zod",
    "yaml",
    "commander",
    "koffi",
    "zustand",
    "@fontsource-variable/inter",
  ]) {
    expect(notices).toMatch(new RegExp(`^${name} \\d.* \\(.+\\)$`, "m"));
  }
  expect(notices).toContain("SIL OPEN FONT LICENSE");
  expect(await readFile(join(resources, "LICENSE.txt"), "utf8")).toContain("MIT License");
});

test("it is not more than 15 % and 15 MB larger than Electron alone", async () => {
  const whole = await folderBytes(folder);
  const alone = await folderBytes(electronFolder);
  test.info().annotations.push({ type: "size", description: `${whole} bytes, Electron alone ${alone}` });
  expect(alone).toBeGreaterThan(150e6);
  expect(whole).toBeGreaterThan(alone);
  expect(whole).toBeLessThan(alone * 1.15 + 15e6);
});

test("the command line merges from the packaged folder, without a display", async ({ folder, samples }) => {
  const withoutDisplay = { DISPLAY: "", WAYLAND_DISPLAY: "" };
  const models = (["base", "chat", "target"] as const).flatMap((role) => [`--${role}`, samples[role]]);
  const out = join(folder, "merged");
  const merged = await runProgram(launcher, ["merge", ...models, "--scale", "0.7", "--out", out, "--json"], {
    env: withoutDisplay,
  });
  expect(merged.code).toBe(0);
  expect(JSON.parse(merged.stdout)).toMatchObject({ out, verified: { mismatches: 0 } });
  expect(await differingTensors(out, await referenceMerge(samples, 0.7))).toEqual([]);
  const verified = await runProgram(launcher, ["verify", out], { env: withoutDisplay });
  expect(verified.code).toBe(0);
  const wrong = await runProgram(launcher, ["merg"], { env: withoutDisplay });
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain("Did you mean merge?");
});

test("the window measures and exports from the packaged folder", async ({ folder, samples }) => {
  const studio = await launchStudio();
  try {
    const { app, ui } = studio;
    expect(await app.evaluate((electron) => electron.app.isPackaged)).toBe(true);
    await measureModels(studio, samples);
    await ui.getByRole("spinbutton", { name: "Scale λ" }).fill("0.7");
    await expect(heatmap(ui)).toBeVisible();
    const [first] = await readCells(ui, 1);
    expect(first?.[1]).toMatch(/relative norm \d/);
    const out = join(folder, "merged");
    await answerSaveDialog(app, out);
    await ui.getByRole("button", { name: "Change output folder…" }).click();
    await ui.getByRole("button", { name: /^Export/ }).click();
    await expect(ui.getByRole("region", { name: "Export" })).toContainText("Written and verified", { timeout: 60_000 });
    expect(await differingTensors(out, await referenceMerge(samples, 0.7))).toEqual([]);
  } finally {
    await studio.close();
  }
});
