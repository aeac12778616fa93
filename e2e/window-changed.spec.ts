import { cp, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { launchStudio, type Studio } from "./launch.ts";
import { drop } from "./support/drop.ts";
import { card, untilMeasured } from "./support/models.ts";
import { turnTo } from "./support/windows.ts";
import { expect, type SamplePaths, test } from "./support/workspace.ts";

let studio: Studio;

test.beforeEach(async () => {
  studio = await launchStudio();
});

test.afterEach(async () => {
  await studio.close();
});

const recipeText = ({ target, chat, base }: SamplePaths, scale: number) =>
  `target: ${target}\nvectors:\n  - {chat: ${chat}, base: ${base}, scale: ${scale}}\n`;

async function openRecipe(folder: string, samples: SamplePaths): Promise<string> {
  const path = join(folder, "merge.yaml");
  await writeFile(path, recipeText(samples, 0.7));
  await drop(studio.ui, path);
  await expect(card(studio.ui, "Base")).toHaveAttribute("data-state", "loaded");
  // What is still being read notices a change by itself.
  await untilMeasured(studio.ui);
  return path;
}

const notices = () => studio.ui.getByRole("region", { name: "Notices" });

test("a model that another program changed is marked when its window is turned to, and opened again on request", async ({
  folder,
  samples,
}) => {
  const chat = join(folder, "their-chat");
  await cp(samples.chat, chat, { recursive: true });
  await openRecipe(folder, { ...samples, chat });
  const { app, ui } = studio;
  await turnTo(app, ui);
  await utimes(join(chat, "model.safetensors"), new Date(2020, 1, 1), new Date(2020, 1, 1));
  await expect(notices()).not.toContainText("changed on disk");
  await turnTo(app, ui);
  await expect(notices()).toContainText("their-chat was changed on disk. What is shown is from before.");
  await notices().getByRole("button", { name: "Open again" }).click();
  await expect(notices()).toContainText("their-chat was changed on disk, and has been read again");
  await expect(notices()).not.toContainText("What is shown is from before");
  await rm(join(chat, "model.safetensors"));
  await turnTo(app, ui);
  await notices().getByRole("button", { name: "Open again" }).click();
  await expect(notices().getByRole("alert")).toContainText("their-chat");
  // Still said, for it is still so.
  await expect(notices()).toContainText("What is shown is from before");
});

test("a recipe that another program changed is marked, opened again on request, and changes here are asked about", async ({
  folder,
  samples,
}) => {
  const { app, ui } = studio;
  const scale = ui.getByRole("spinbutton", { name: "Scale λ" });
  const path = await openRecipe(folder, samples);
  await ui.waitForTimeout(300);
  // Written anew with what it said is no change.
  await writeFile(path, recipeText(samples, 0.7));
  await turnTo(app, ui);
  await ui.waitForTimeout(300);
  await expect(notices()).not.toContainText("merge.yaml");
  await writeFile(path, recipeText(samples, 0.25));
  await turnTo(app, ui);
  await expect(notices()).toContainText("merge.yaml was changed on disk by another program.");
  await expect(scale).toHaveValue("0.70");
  await notices().getByRole("button", { name: "Open again" }).click();
  await expect(scale).toHaveValue("0.25");
  await expect(notices()).not.toContainText("merge.yaml");

  await scale.fill("0.5");
  await writeFile(path, recipeText(samples, 0.9));
  await ui.waitForTimeout(300);
  await turnTo(app, ui);
  await expect(notices()).toContainText("Your changes are kept until you open it again.");
  await notices().getByRole("button", { name: "Open again" }).click();
  await expect(notices().getByRole("alert")).toContainText("merge.yaml has changes that are not saved");
  await notices().getByRole("button", { name: "Open without saving" }).click();
  await expect(scale).toHaveValue("0.90");
  await rm(path);
  await ui.waitForTimeout(300);
  await turnTo(app, ui);
  await expect(notices()).toContainText("merge.yaml is no longer where it was. Saving writes it again.");
});
