import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FuseV1Options } from "@electron/fuses";
import { readFuses, shippedFuses } from "../build/package/fuses.mjs";
import { sandboxSwitches } from "../build/sandbox.mjs";
import { launchStudio } from "./launch.ts";
import { answerSaveDialog } from "./support/dialogs.ts";
import { heatmap, readCells } from "./support/heatmap.ts";
import { measureModels } from "./support/models.ts";
import { bundledPackages, folderBytes, listArchive, packagedApplication, runProgram } from "./support/packaged.ts";
import { differingTensors, referenceMerge } from "./support/reference-merge.ts";
import { expect, test } from "./support/workspace.ts";

const { program, folder, electronFolder, deb } = packagedApplication();
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
    /^(package\.json|out\/(main\/main\.cjs|preload\/preload\.cjs|ui\/.+\.(html|js|css|woff2?|svg|png)|ui\/NOTICES\.txt|engine\/[^/]+\.(html|js|wasm))|node_modules\/(koffi|@koromix\/koffi-[^/]+)\/.+)$/;
  expect(names.filter((name) => !shipped.test(name))).toEqual([]);
  expect(names.filter((name) => /\.(map|ts|tsx|cc|hh|wgsl)$|\.(test|spec)\./.test(name))).toEqual([]);
  const native = names.filter((name) => name.endsWith(".node"));
  expect(native).toHaveLength(1);
  expect(native[0]).toContain(`${process.platform}_${process.arch}`);
  expect((await readdir(resources)).sort()).toEqual(expect.arrayContaining(["app.asar", "app.asar.unpacked", "bin"]));
  expect(await readdir(resources)).not.toContain("default_app.asar");
});

test("it carries the license of every package that is bundled, of the fonts, of koffi, and of Electron and Chromium", async () => {
  const notices = await readFile(join(resources, "NOTICES.txt"), "utf8");
  const bundled = await bundledPackages();
  // The lists are made apart from each other: this one by what the bundles' source maps name.
  expect(bundled.size).toBeGreaterThan(20);
  const beside = ["koffi", "@fontsource-variable/inter", "@fontsource-variable/jetbrains-mono"];
  const missing = [...bundled, ...beside].filter(
    (name) =>
      !new RegExp(`^${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")} \\d\\S* \\(.+\\)\\n\\n\\S`, "m").test(notices),
  );
  expect(missing).toEqual([]);
  expect(notices).toContain("SIL OPEN FONT LICENSE");
  expect(await readFile(join(resources, "LICENSE.txt"), "utf8")).toContain("MIT License");
  if (process.platform === "darwin") return;
  const electron = await readdir(dirname(program));
  expect(electron).toEqual(expect.arrayContaining(["LICENSE.electron.txt", "LICENSES.chromium.html"]));
});

test("it is not more than 15 % and 15 MB larger than Electron alone", async () => {
  const whole = await folderBytes(folder);
  const alone = await folderBytes(electronFolder);
  const figures = `${(whole / 1e6).toFixed(1)} MB, Electron alone ${(alone / 1e6).toFixed(1)} MB, ${(((whole - alone) / alone) * 100).toFixed(1)} % more`;
  test.info().annotations.push({ type: "size", description: figures });
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

test("the window shows the licenses of what it contains, and opens those of what it runs on", async () => {
  const studio = await launchStudio();
  try {
    const { app, ui } = studio;
    await expect(ui.getByRole("status", { name: "Engine" })).not.toContainText("starting", { timeout: 60_000 });
    await ui.keyboard.press("Control+k");
    await ui.keyboard.type("licenses");
    await ui.keyboard.press("Enter");
    const dialog = ui.getByRole("dialog", { name: "Licenses" });
    await expect(dialog.getByRole("document")).toContainText("SIL OPEN FONT LICENSE");
    await app.evaluate(({ shell }) => {
      shell.openPath = async (path: string) => {
        Object.assign(globalThis, { openedByTest: path });
        return "";
      };
    });
    await dialog.getByRole("button", { name: "Licenses of Electron and Chromium" }).click();
    const opened = () => app.evaluate(() => (globalThis as unknown as { openedByTest?: string }).openedByTest);
    await expect.poll(opened).toMatch(/LICENSES\.chromium\.html$/);
  } finally {
    await studio.close();
  }
});

test("the deb has what a desktop needs, and its program merges from where it is unpacked", async ({
  folder,
  samples,
}) => {
  test.skip(deb === null, "made where there is a dpkg-deb");
  const fields = await runProgram("dpkg-deb", ["--field", deb ?? ""]);
  for (const field of ["Package: chat-vector-studio", "Section: science", "Depends: libgtk-3-0", "Homepage: https://"])
    expect(fields.stdout).toContain(field);
  const root = join(folder, "root");
  expect((await runProgram("dpkg-deb", ["--raw-extract", deb ?? "", root])).code).toBe(0);
  const desktop = await readFile(join(root, "usr/share/applications/chat-vector-studio.desktop"), "utf8");
  expect(desktop).toMatch(/^Categories=Science;/m);
  for (const type of ["application/yaml", "application/x-yaml", "application/x-safetensors"])
    expect(desktop).toMatch(new RegExp(`^MimeType=(.*;)?${type};`, "m"));
  const types = await readFile(join(root, "usr/share/mime/packages/chat-vector-studio.xml"), "utf8");
  expect(types).toContain("*.safetensors");
  expect(desktop).toMatch(/^Exec="\/opt\/Chat Vector Studio\/chat-vector-studio" %U$/m);
  for (const size of [16, 24, 32, 48, 64, 128, 256, 512]) {
    const icon = await readFile(join(root, `usr/share/icons/hicolor/${size}x${size}/apps/chat-vector-studio.png`));
    // A PNG's width and height.
    expect([icon.readUInt32BE(16), icon.readUInt32BE(20)]).toEqual([size, size]);
  }
  const metadata = await readFile(join(root, "usr/share/metainfo/org.chatvector.studio.metainfo.xml"), "utf8");
  expect(metadata).toContain('<launchable type="desktop-id">chat-vector-studio.desktop</launchable>');
  expect(await readFile(join(root, "usr/share/doc/chat-vector-studio/copyright"), "utf8")).toContain("MIT License");
  for (const script of ["postinst", "postrm"]) {
    const path = join(root, "DEBIAN", script);
    expect((await runProgram("bash", ["-n", path])).stderr).toBe("");
    expect(await readFile(path, "utf8")).not.toContain("${");
  }
  expect(await readFile(join(root, "DEBIAN", "postinst"), "utf8")).toContain("'/usr/bin/chat-vector-studio'");
  const installed = join(root, "opt", "Chat Vector Studio");
  expect(await folderBytes(installed)).toBeGreaterThan(0.99 * (await folderBytes(dirname(program))));
  const models = (["base", "chat", "target"] as const).flatMap((role) => [`--${role}`, samples[role]]);
  const out = join(folder, "merged");
  const launched = join(installed, "resources", "bin", "chat-vector-studio");
  const merged = await runProgram(launched, ["merge", ...models, "--out", out, "--json"]);
  expect(merged.code).toBe(0);
  expect(JSON.parse(merged.stdout)).toMatchObject({ out, verified: { mismatches: 0 } });
});
