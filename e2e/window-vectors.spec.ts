import { join } from "node:path";
import type { Page } from "@playwright/test";
import { launchStudio, runCli, type Studio } from "./launch.ts";
import { answerOpenDialogs, answerSaveDialog } from "./support/dialogs.ts";
import { differingTensors, referenceMergeOf } from "./support/reference-merge.ts";
import { expect, type SamplePaths, test } from "./support/workspace.ts";

let studio: Studio;

test.beforeEach(async () => {
  studio = await launchStudio();
});

test.afterEach(async () => {
  await studio.close();
});

const card = (ui: Page, role: string) => ui.getByRole("region", { name: `${role} model` });
const scaleField = (ui: Page) => ui.getByRole("spinbutton", { name: "Scale λ" });

async function pick({ app, ui }: Studio, role: string, path: string): Promise<void> {
  await answerOpenDialogs(app, [path]);
  await card(ui, role).getByRole("button", { name: "Choose folder…" }).click();
  await expect(card(ui, role)).toHaveAttribute("data-state", "loaded");
}

/** Another chat and base with the shapes of the samples and other values. */
async function otherSamples(folder: string): Promise<SamplePaths> {
  const made = await runCli(["samples", "--out", join(folder, "other"), "--parameters", "1M", "--seed", "7", "--json"]);
  return JSON.parse(made.stdout) as SamplePaths;
}

test("two vectors with bases of their own give exactly what the reference computes", async ({ folder, samples }) => {
  const { app, ui } = studio;
  const other = await otherSamples(folder);
  await pick(studio, "Target", samples.target);
  await pick(studio, "Chat", samples.chat);
  await pick(studio, "Base", samples.base);
  await scaleField(ui).fill("0.7");
  await ui.getByRole("button", { name: "Add another vector" }).click();
  // The base is shared until another is chosen.
  await expect(card(ui, "Base")).toContainText("shared");
  await expect(ui.getByRole("button", { name: /^Export/ })).toBeDisabled();
  await pick(studio, "Chat", other.chat);
  await answerOpenDialogs(app, [other.base]);
  await card(ui, "Base").getByRole("button", { name: "Base model actions" }).click();
  await ui.getByRole("menuitem", { name: "Replace with folder…" }).click();
  await expect(card(ui, "Base")).not.toContainText("shared");
  await scaleField(ui).fill("-0.3");

  await ui.getByRole("tab", { name: "Plan" }).click();
  await expect(ui.getByRole("row", { name: /embed_tokens/ })).toContainText(/λ 0\.70.*λ −0\.30/);
  const out = join(folder, "merged");
  await answerSaveDialog(app, out);
  await ui.getByRole("button", { name: "Change output folder…" }).click();
  await ui.getByRole("button", { name: /^Export/ }).click();
  await expect(ui.getByRole("region", { name: "Export" })).toContainText("Written and verified", { timeout: 60_000 });
  const expected = await referenceMergeOf(samples.target, [
    { chat: samples.chat, base: samples.base, scale: 0.7 },
    { chat: other.chat, base: other.base, scale: -0.3 },
  ]);
  expect(await differingTensors(out, expected)).toEqual([]);
});

test("the heatmap follows the selected vector, and the cosines of the vectors are compared", async ({
  folder,
  samples,
}) => {
  const { ui } = studio;
  const other = await otherSamples(folder);
  await pick(studio, "Target", samples.target);
  await pick(studio, "Chat", samples.chat);
  await pick(studio, "Base", samples.base);
  await ui.getByRole("button", { name: "Add another vector" }).click();
  // What was measured stays in view while the new vector has no chat model.
  await expect(ui.getByText("τ of chat", { exact: true })).toBeVisible();
  await pick(studio, "Chat", other.chat);
  await ui.getByRole("tab", { name: "Compare" }).click();
  const whole = ui.getByRole("table", { name: "whole model" });
  await expect(whole.getByRole("row")).toHaveCount(3, { timeout: 60_000 });
  await expect(whole.getByRole("row").nth(1).getByRole("cell")).toHaveText(["1.000", /0\.\d+/]);
  await ui.getByRole("button", { name: "Actions of vector chat 2" }).click();
  await ui.getByRole("menuitem", { name: "Rename…" }).click();
  await ui.getByRole("textbox", { name: "Name of the vector" }).fill("math");
  await ui.keyboard.press("Enter");
  await expect(whole.getByRole("columnheader")).toHaveText(["chat", "math"]);
  await expect(ui.getByText("τ of math", { exact: true })).toBeVisible();
  // By keyboard: the other vector is a button, and Enter selects it.
  await ui.getByRole("button", { name: "Edit vector chat" }).press("Enter");
  await expect(ui.getByText("τ of chat", { exact: true })).toBeVisible();
  await ui.getByRole("button", { name: "Edit vector math" }).click();
  await ui.getByRole("button", { name: "Actions of vector math" }).click();
  await ui.getByRole("menuitem", { name: "Remove" }).click();
  await expect(ui.getByRole("heading", { name: /^Chat vector ?, λ 1\.00$/ })).toBeVisible();
});
