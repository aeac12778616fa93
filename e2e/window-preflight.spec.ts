import { cp, mkdir, readdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { launchStudio } from "./launch.ts";
import { answerSaveDialog } from "./support/dialogs.ts";
import { pickModels } from "./support/models.ts";
import { expect, test } from "./support/workspace.ts";

test("what would hinder an export is said before it starts, and goes with its cause", async ({ folder, samples }) => {
  test.skip(process.platform === "win32", "links need a right there");
  const target = join(folder, "target");
  await cp(samples.target, target, { recursive: true });
  await rm(join(target, "LICENSE"), { force: true });
  await symlink("/etc/hostname", join(target, "LICENSE"));
  const studio = await launchStudio();
  try {
    const { app, ui } = studio;
    await pickModels(studio, { ...samples, target });
    const bar = ui.getByRole("region", { name: "Merge", exact: true });
    await expect(bar).toContainText("LICENSE is not written beside the merged model");
    const choose = async (path: string) => {
      await answerSaveDialog(app, path);
      await ui.getByRole("button", { name: "Change output folder…" }).click();
    };
    await choose(join(samples.chat, "merged"));
    await expect(bar.getByRole("alert")).toContainText("would overlap a model that is read");
    await ui.screenshot({ path: test.info().outputPath("overlap.png") });
    await choose(join(folder, "gone", "merged"));
    await expect(bar.getByRole("alert")).toContainText("not there");
    await mkdir(join(folder, "gone"));
    await choose(join(folder, "gone", "merged"));
    await expect(bar.getByRole("alert")).toHaveCount(0);
    await ui.screenshot({ path: test.info().outputPath("notice.png") });
    // Asking has left nothing.
    expect(await readdir(join(folder, "gone"))).toEqual([]);
    await ui.getByRole("button", { name: "Export", exact: true }).click();
    const result = ui.getByRole("region", { name: "Export" });
    await expect(result).toContainText("Written and verified", { timeout: 60_000 });
    expect(await readdir(join(folder, "gone", "merged"))).not.toContain("LICENSE");
  } finally {
    await studio.close();
  }
});
