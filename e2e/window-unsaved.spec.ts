import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { launchStudio, type Studio } from "./launch.ts";
import { drop } from "./support/drop.ts";
import { answerMessageBoxes } from "./support/message-boxes.ts";
import { card, pickModels } from "./support/models.ts";
import { closeWindow, windowThatComes } from "./support/windows.ts";
import { expect, type SamplePaths, test } from "./support/workspace.ts";

let profile: string;
let studio: Studio;

test.beforeEach(async ({ folder }) => {
  profile = join(folder, "profile");
  studio = await launchStudio({ profile });
});

test.afterEach(async () => {
  await studio.close().catch(() => undefined);
});

const kept = async () => (await readdir(join(profile, "unsaved")).catch(() => [])).length;
const notices = (of = studio) => of.ui.getByRole("region", { name: "Notices" });
const scaleOf = (of = studio) => of.ui.getByRole("spinbutton", { name: "Scale λ" });

async function openEdited(folder: string, { target, chat, base }: SamplePaths): Promise<string> {
  const path = join(folder, "merge.yaml");
  await writeFile(path, `# mine\ntarget: ${target}\nvectors:\n  - {chat: ${chat}, base: ${base}, scale: 0.7}\n`);
  await studio.ui.getByRole("button", { name: /^Recipe:/ }).waitFor();
  await drop(studio.ui, path);
  await expect(card(studio.ui, "Base")).toHaveAttribute("data-state", "loaded");
  await scaleOf().fill("0.4");
  await expect.poll(kept).toBe(1);
  return path;
}

async function end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
  const ended = new Promise((resolve) => studio.app.process().once("exit", resolve));
  studio.app.process().kill(signal);
  await ended;
  await studio.close().catch(() => undefined);
}

test("what was not saved when the program was killed is offered at the next start, and brought back as it was", async ({
  folder,
  samples,
}) => {
  const path = await openEdited(folder, samples);
  await end("SIGKILL");
  studio = await launchStudio({ profile });
  await expect(notices()).toContainText(/Changes of merge.yaml from \d\d:\d\d were not saved when the program ended/);
  // Nothing of it unasked.
  await expect(card(studio.ui, "Target")).toHaveAttribute("data-state", "empty");
  await notices().getByRole("button", { name: "Bring back" }).click();
  await expect(scaleOf()).toHaveValue("0.40");
  await expect(studio.ui.getByRole("button", { name: /^Recipe:/ })).toHaveText("Recipe: merge.yamledited");
  await expect(notices()).not.toContainText("merge.yaml");
  // Killed once more before it is saved, it is still there.
  await end("SIGKILL");
  studio = await launchStudio({ profile });
  await notices().getByRole("button", { name: "Bring back" }).click();
  await expect(scaleOf()).toHaveValue("0.40");
  await studio.ui.keyboard.press("Control+s");
  await expect.poll(() => readFile(path, "utf8")).toMatch(/^# mine\n[\s\S]*scale: 0.4/);
  await expect.poll(async () => await readdir(join(profile, "unsaved")).catch(() => [])).toEqual([]);
});

test("two windows come back as two, one of them without a file; what is discarded is gone", async ({
  folder,
  samples,
}) => {
  await openEdited(folder, samples);
  const second = await windowThatComes(studio.app, () => studio.ui.keyboard.press("Control+n"));
  await pickModels({ ...studio, ui: second }, samples);
  await expect.poll(kept).toBe(2);
  await end("SIGTERM");
  studio = await launchStudio({ profile });
  await expect(notices()).toContainText("The recipe of target + chat from");
  const third = await windowThatComes(studio.app, () => studio.ui.keyboard.press("Control+n"));
  await expect(third.getByRole("region", { name: "Notices" })).not.toContainText("not saved");
  await notices().locator(".notice-bar", { hasText: "merge.yaml" }).getByRole("button", { name: "Bring back" }).click();
  await expect(scaleOf()).toHaveValue("0.40");
  await studio.ui.waitForTimeout(300);
  const fourth = await windowThatComes(studio.app, () =>
    notices().getByRole("button", { name: "Bring back" }).first().click(),
  );
  await expect(card(fourth, "Base")).toHaveAttribute("data-state", "loaded");
  // Closing asks about what was brought back, and letting it go is letting it go.
  await fourth.waitForTimeout(300);
  await answerMessageBoxes(studio.app, [1]);
  await closeWindow(studio.app, fourth);
  await expect.poll(kept).toBe(1);
  await end("SIGKILL");
  studio = await launchStudio({ profile });
  await notices().getByRole("button", { name: "Discard" }).click();
  await expect.poll(kept).toBe(0);
  await expect(notices()).not.toContainText("merge.yaml");
});

test("a page that crashes is made anew, and offers what it had", async ({ folder, samples }) => {
  await openEdited(folder, samples);
  const browser = await studio.app.browserWindow(studio.ui);
  await browser.evaluate((window) => window.webContents.forcefullyCrashRenderer());
  // A page that is gone answers never.
  const text = () =>
    browser.evaluate((window) =>
      Promise.race([
        window.webContents.executeJavaScript("document.body.innerText"),
        new Promise((resolve) => setTimeout(resolve, 1000, `crashed: ${window.webContents.isCrashed()}`)),
      ]),
    );
  await expect.poll(text).toContain("not saved when the program ended");
  await browser.evaluate((window) =>
    window.webContents.executeJavaScript(
      "[...document.querySelectorAll('button')].find((button) => button.textContent === 'Bring back').click()",
    ),
  );
  await expect.poll(text).toContain("edited");
});

test("what is damaged is passed over", async () => {
  await studio.close();
  const id = "00000000-0000-4000-8000-000000000000";
  await mkdir(join(profile, "unsaved"), { recursive: true });
  await writeFile(join(profile, "unsaved", `${id}.json`), '{"version": 2}');
  studio = await launchStudio({ profile });
  await studio.ui.getByRole("button", { name: /^Recipe:/ }).waitFor();
  expect(await studio.ui.evaluate(() => window.studio.unsavedRecipes())).toEqual({ ok: true, value: [] });
});
