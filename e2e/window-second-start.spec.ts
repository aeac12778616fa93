import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { electronArguments } from "../build/electron-runtime.mjs";
import { sandboxSwitches } from "../build/sandbox.mjs";
import { electronUnderTest, launchStudio } from "./launch.ts";
import { expect, type SamplePaths, test } from "./support/workspace.ts";

async function writeRecipe(folder: string, { target, chat, base }: SamplePaths): Promise<string> {
  const path = join(folder, "merge.yaml");
  await writeFile(path, `target: ${target}\nvectors:\n  - {chat: ${chat}, base: ${base}, scale: 0.7}\n`);
  return path;
}

/** Starts the program once more with the same profile; resolves with its exit code. */
function startAgain(profile: string, args: readonly string[], cwd: string): Promise<number | null> {
  const program = electronUnderTest();
  const switches = [...sandboxSwitches(program), `--user-data-dir=${profile}`];
  const child = spawn(program, electronArguments(program, { mode: "window", args, switches }), {
    cwd,
    env: { ...process.env, HOME: profile },
    stdio: "ignore",
  });
  return new Promise((resolve, reject) => child.on("error", reject).on("exit", resolve));
}

test("a second start hands its recipe to the window that is there, and ends", async ({ folder, samples }) => {
  const profile = join(folder, "profile");
  const studio = await launchStudio({ profile });
  await expect(studio.ui.getByRole("button", { name: /^Recipe:/ })).toBeVisible();
  expect(await startAgain(profile, [], folder)).toBe(0);
  await writeRecipe(folder, samples);
  // Meant from the folder of the second start.
  expect(await startAgain(profile, ["merge.yaml"], folder)).toBe(0);
  await expect(studio.ui.getByRole("button", { name: /^Recipe:/ })).toHaveText("Recipe: merge.yaml");
  await expect(studio.ui.getByRole("spinbutton", { name: "Scale λ" })).toHaveValue("0.70");
  await studio.close();
});
