import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { electronArguments } from "../build/electron-runtime.mjs";
import { sandboxSwitches } from "../build/sandbox.mjs";
import { electronUnderTest, launchStudio, type Studio } from "./launch.ts";
import { card } from "./support/models.ts";
import { uiWindows, windowThatComes } from "./support/windows.ts";
import { expect, type SamplePaths, test } from "./support/workspace.ts";

let studio: Studio;
let profile: string;

test.beforeEach(async ({ folder }) => {
  profile = join(folder, "profile");
  studio = await launchStudio({ profile });
  await expect(studio.ui.getByRole("button", { name: /^Recipe:/ })).toBeVisible();
});

test.afterEach(async () => {
  await studio.close();
});

async function writeRecipe(path: string, { target, chat, base }: SamplePaths): Promise<string> {
  await writeFile(path, `target: ${target}\nvectors:\n  - {chat: ${chat}, base: ${base}, scale: 0.7}\n`);
  return path;
}

/** Starts the program once more with the same profile, which ends at once. */
async function startAgain(args: readonly string[], cwd: string): Promise<void> {
  const program = electronUnderTest();
  const switches = [...sandboxSwitches(program), `--user-data-dir=${profile}`];
  const child = spawn(program, electronArguments(program, { mode: "window", args, switches }), {
    cwd,
    env: { ...process.env, HOME: profile },
    stdio: "ignore",
  });
  const code = await new Promise((resolve, reject) => child.on("error", reject).on("exit", resolve));
  expect(code).toBe(0);
}

const titleOf = (ui: Studio["ui"]) => ui.getByRole("button", { name: /^Recipe:/ });

test("a second start opens its recipe in a window that holds nothing, or shows the one that has it, or opens another", async ({
  folder,
  samples,
}) => {
  const { app, ui } = studio;
  await startAgain([], folder);
  await writeRecipe(join(folder, "merge.yaml"), samples);
  // Meant from the folder of the second start.
  await startAgain(["merge.yaml"], folder);
  await expect(titleOf(ui)).toHaveText("Recipe: merge.yaml");
  await ui.getByRole("spinbutton", { name: "Scale λ" }).fill("0.4");
  await ui.waitForTimeout(300);
  await startAgain([pathToFileURL(join(folder, "merge.yaml")).href], folder);
  await expect(titleOf(ui)).toHaveText("Recipe: merge.yamledited");
  expect(uiWindows(app)).toHaveLength(1);

  await writeRecipe(join(folder, "other.yml"), samples);
  const second = await windowThatComes(app, () => startAgain(["other.yml"], folder));
  await expect(titleOf(second)).toHaveText("Recipe: other.yml");
  await expect(titleOf(ui)).toHaveText("Recipe: merge.yamledited");
});

test("two recipes at once are two windows", async ({ folder, samples }) => {
  await writeRecipe(join(folder, "one.yaml"), samples);
  await writeRecipe(join(folder, "two.yaml"), samples);
  const second = await windowThatComes(studio.app, () => startAgain(["one.yaml", "two.yaml"], folder));
  await expect(titleOf(studio.ui)).toHaveText("Recipe: one.yaml");
  await expect(titleOf(second)).toHaveText("Recipe: two.yaml");
});

test("folders and files of models are offered with their roles, where a role is empty", async ({ folder, samples }) => {
  const { app, ui } = studio;
  await startAgain(["."], samples.target);
  await ui.getByRole("button", { name: "Use as target" }).click();
  await expect(card(ui, "Target")).toHaveAttribute("data-state", "loaded");
  // The window in front lacks two: they are offered there.
  await ui.waitForTimeout(300);
  const files = [samples.base, samples.chat].map((path) => pathToFileURL(join(path, "model.safetensors")).href);
  await startAgain(files, folder);
  await expect(ui.getByRole("region", { name: "Roles of the new models" })).toContainText("2 models");
  await ui.getByRole("button", { name: "Use these roles" }).click();
  for (const role of ["Chat", "Base"]) await expect(card(ui, role)).toHaveAttribute("data-state", "loaded");
  // Now none is empty.
  await ui.waitForTimeout(300);
  const second = await windowThatComes(app, () => startAgain([samples.target], folder));
  await expect(second.getByRole("button", { name: "Use as target" })).toBeVisible();
  await startAgain(["nothing-there"], folder);
  await expect(card(ui, "Target")).toHaveAttribute("data-state", "loaded");
});
