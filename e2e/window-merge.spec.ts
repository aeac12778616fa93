import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { launchStudio, type Studio } from "./launch.ts";
import { answerOpenDialogs, answerSaveDialog } from "./support/dialogs.ts";
import { card, pickModels } from "./support/models.ts";
import { differingTensors, referenceMerge } from "./support/reference-merge.ts";
import { slowEngine } from "./support/slow-engine.ts";
import { expect, test } from "./support/workspace.ts";

let studio: Studio;

test.beforeEach(async () => {
  studio = await launchStudio();
});

test.afterEach(async () => {
  await studio.close();
});

const exportButton = (ui: Page) => ui.getByRole("button", { name: /^Export/ });

test("three picked models, λ and Export give exactly what the reference computes", async ({ folder, samples }) => {
  const { app, ui } = studio;
  await expect(exportButton(ui)).toBeDisabled();
  await pickModels(studio, samples);
  await expect(card(ui, "Target")).toContainText("Llama");
  await expect(ui.getByText("Whole model")).toBeVisible();

  const out = join(folder, "merged");
  await answerSaveDialog(app, out);
  await ui.getByRole("button", { name: "Change output folder…" }).click();
  await ui.getByRole("spinbutton", { name: "Scale λ" }).fill("0.7");
  await ui.getByRole("tab", { name: "Plan" }).click();
  await expect(ui.getByRole("row", { name: /embed_tokens/ })).toContainText("λ 0.70");
  await exportButton(ui).click();
  await expect(ui.getByRole("region", { name: "Export" })).toContainText("Written and verified", { timeout: 60_000 });
  await expect(ui.getByRole("region", { name: "Export" })).toContainText(out);

  expect(await readdir(folder)).toEqual(["merged"]);
  // What was measured is drawn for the model card.
  expect(await readFile(join(out, "README.md"), "utf8")).toContain("(chat-vector-norms.svg)");
  expect(await readFile(join(out, "chat-vector-norms.svg"), "utf8")).toMatch(
    /^<svg [\s\S]*<polyline [\s\S]*<\/svg>\n$/,
  );
  const { others } = JSON.parse(await readFile(join(out, "chat-vector.json"), "utf8"));
  expect(others.map(({ name }: { name: string }) => name)).toContain("chat-vector-norms.svg");
  expect(await differingTensors(out, await referenceMerge(samples, 0.7))).toEqual([]);
});

test("sample models merge in three clicks from the empty window", async () => {
  const { ui } = studio;
  await ui.getByRole("button", { name: "Try it with sample models" }).click();
  await expect(exportButton(ui)).toBeEnabled({ timeout: 60_000 });
  await exportButton(ui).click();
  await expect(ui.getByRole("region", { name: "Export" })).toContainText("Written and verified", { timeout: 60_000 });
});

test("a model that cannot be read is said on its card, and another one takes its place", async ({
  folder,
  samples,
}) => {
  const { app, ui } = studio;
  await mkdir(join(folder, "broken"));
  await writeFile(join(folder, "broken", "model.safetensors"), "version https://git-lfs.github.com/spec/v1\nsize 1\n");
  await answerOpenDialogs(app, [join(folder, "broken"), samples.target]);
  await card(ui, "Target").getByRole("button", { name: "Choose folder…" }).click();
  await expect(card(ui, "Target").getByRole("alert")).toContainText("git lfs pull");
  await card(ui, "Target").getByRole("button", { name: "Try again" }).click();
  await expect(card(ui, "Target")).toHaveAttribute("data-state", "loaded");
});

test("models that do not fit cannot be exported, and the window says why", async ({ folder, samples }) => {
  const other = join(folder, "other");
  await cp(samples.chat, other, { recursive: true });
  await writeFile(
    join(other, "config.json"),
    JSON.stringify({ model_type: "mistral", architectures: ["MistralForCausalLM"] }),
  );
  await pickModels(studio, { ...samples, chat: other });
  await expect(studio.ui.getByRole("region", { name: "Models" })).toContainText("architecture of chat is mistral");
  await expect(exportButton(studio.ui)).toBeDisabled();
});

test("a cancelled export leaves nothing behind and can be started again", async ({ folder, samples }) => {
  const { app, ui } = studio;
  await pickModels(studio, samples);
  const out = join(folder, "merged");
  await answerSaveDialog(app, out);
  await ui.getByRole("button", { name: "Change output folder…" }).click();
  await slowEngine(studio.engine, 1500);
  await exportButton(ui).click();
  await ui.getByRole("button", { name: "Cancel" }).click();
  await expect(ui.getByRole("region", { name: "Export" })).toContainText("cancelled", { timeout: 60_000 });
  expect(await readdir(folder)).toEqual([]);
  await slowEngine(studio.engine, 0);
  await exportButton(ui).click();
  await expect(ui.getByRole("region", { name: "Export" })).toContainText("Written and verified", { timeout: 60_000 });
  expect(await readdir(folder)).toEqual(["merged"]);
});
