import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { launchStudio } from "./launch.ts";
import { answerOpenDialogs, answerSaveDialog } from "./support/dialogs.ts";
import { expect, test } from "./support/workspace.ts";

test("a finished model is dragged out, copied as a path, and moved", async ({ folder, samples }) => {
  const { app, ui, close } = await launchStudio();
  try {
    await answerOpenDialogs(app, [samples.target, samples.chat, samples.base]);
    for (const role of ["Target", "Chat", "Base"]) {
      const card = ui.getByRole("region", { name: `${role} model` });
      await card.getByRole("button", { name: "Choose folder…" }).click();
      await expect(card).toHaveAttribute("data-state", "loaded");
    }
    const out = join(folder, "merged");
    await answerSaveDialog(app, out);
    await ui.getByRole("button", { name: "Change output folder…" }).click();
    await expect(ui.locator(".app")).toContainText(out);
    await ui.getByRole("button", { name: /^Export/ }).click();
    const result = ui.getByRole("region", { name: "Export" });
    await expect(result).toContainText("Written and verified", { timeout: 60_000 });
    await ui.screenshot({ path: test.info().outputPath("result.png") });

    // The drag itself is the system's; that it is asked for, while `dragstart` is handled, with path and picture, is ours.
    await app.evaluate(({ BrowserWindow }) => {
      const window = BrowserWindow.getAllWindows().find(({ webContents }) => webContents.getURL().includes("index"));
      if (window === undefined) throw new Error("no window");
      const asked: unknown[] = [];
      Object.assign(globalThis, { asked });
      window.webContents.startDrag = ({ file, icon }) => {
        if (icon instanceof Object && "isEmpty" in icon) asked.push({ file, empty: icon.isEmpty() });
      };
    });
    const asked = () => app.evaluate(() => (globalThis as unknown as { asked: unknown[] }).asked);
    await result.getByTitle(/Drag the folder/).dispatchEvent("dragstart");
    await expect.poll(asked).toEqual([{ file: out, empty: false }]);

    await result.getByRole("button", { name: "Copy path" }).click();
    await expect(result.getByRole("button", { name: "Copied" })).toBeVisible();
    expect(await app.evaluate(({ clipboard }) => clipboard.readText())).toBe(out);

    await app.evaluate(({ Menu }) => {
      const help = Menu.getApplicationMenu()?.items.find(({ label }) => label === "Help");
      help?.submenu?.items.find(({ label }) => label === "Copy diagnostics")?.click();
    });
    const clipboard = () => app.evaluate((electron) => electron.clipboard.readText());
    await expect.poll(clipboard).toMatch(/^Chat Vector Studio [\d.]+\nElectron /);
    const diagnostics = await clipboard();
    expect(diagnostics).toContain("export: done");
    expect(diagnostics).not.toContain(await app.evaluate((electron) => electron.app.getPath("home")));

    await mkdir(join(folder, "elsewhere"));
    const moved = join(folder, "elsewhere", "model");
    await answerSaveDialog(app, moved);
    await result.getByRole("button", { name: "Move to…" }).click();
    await expect(result).toContainText("elsewhere");
    expect(await readdir(folder)).toEqual(["elsewhere"]);
    expect(await readdir(moved)).toContain("chat-vector.json");
  } finally {
    await close();
  }
});
