import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { launchStudio, type Studio } from "./launch.ts";
import { answerOpenDialogs, answerSaveDialog } from "./support/dialogs.ts";
import { drop } from "./support/drop.ts";
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
const title = (ui: Page) => ui.getByRole("button", { name: /^Recipe:/ });
const scaleField = (ui: Page) => ui.getByRole("spinbutton", { name: "Scale λ" });
const notices = (ui: Page) => ui.getByRole("region", { name: "Notices" });

const commented = `# Chat for the target
target: ./m/target  # the model that gets it
vectors:
  - name: chat
    chat: ./m/chat
    base: ./m/base
    scale: 0.7  # found by hand
    curve: [0.2, 1, 0.5]
    outside: 0.25
    rules:
      - {tensors: "*norm.weight", scale: 0.5, curve: [0, 1]}  # norms rise
output: {dtype: F32}
`;

/** A folder with the samples in it and a recipe beside them. */
async function withRecipe(folder: string, samples: SamplePaths, text: string, name = "merge.yaml"): Promise<string> {
  for (const role of ["base", "chat", "target"] as const) {
    await cp(samples[role], join(folder, "m", role), { recursive: true });
  }
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

async function openByKeys({ app, ui }: Studio, path: string): Promise<void> {
  await answerOpenDialogs(app, [path]);
  // The page listens once it is there.
  await expect(title(ui)).toBeVisible();
  await ui.keyboard.press("Control+o");
}

test("a recipe that is opened, given another λ and saved keeps every other character, and merges as it says", async ({
  folder,
  samples,
}) => {
  const { app, ui } = studio;
  const path = await withRecipe(folder, samples, commented);
  await openByKeys(studio, path);
  for (const role of ["Target", "Chat", "Base"]) await expect(card(ui, role)).toHaveAttribute("data-state", "loaded");
  await expect(title(ui)).toHaveText("Recipe: merge.yaml");
  await expect(scaleField(ui)).toHaveValue("0.70");
  await expect(ui.getByText("λ 0.25 outside the layers")).toBeVisible();
  // Saving what was opened changes nothing.
  await ui.keyboard.press("Control+s");
  await scaleField(ui).fill("0.6");
  await expect(title(ui)).toHaveText("Recipe: merge.yamledited");
  await ui.keyboard.press("Control+s");
  await expect(title(ui)).toHaveText("Recipe: merge.yaml");
  expect(await readFile(path, "utf8")).toBe(commented.replace("0.7  #", "0.6  #"));

  const out = join(folder, "merged");
  await answerSaveDialog(app, out);
  await ui.getByRole("button", { name: "Change output folder…" }).click();
  await ui.getByRole("button", { name: /^Export/ }).click();
  await expect(ui.getByRole("region", { name: "Export" })).toContainText("Written and verified", { timeout: 60_000 });
  expect((await readFile(join(out, "config.json"), "utf8")).includes('"float32"')).toBe(true);
});

test("a recipe dropped on the window merges in the layers as it says", async ({ folder, samples }) => {
  const { app, ui } = studio;
  const text = commented.replace("output: {dtype: F32}\n", "");
  const path = await withRecipe(folder, samples, text);
  await drop(ui, path);
  await expect(title(ui)).toHaveText("Recipe: merge.yaml");
  const out = join(folder, "merged");
  await answerSaveDialog(app, out);
  await ui.getByRole("button", { name: "Change output folder…" }).click();
  await ui.getByRole("button", { name: /^Export/ }).click();
  await expect(ui.getByRole("region", { name: "Export" })).toContainText("Written and verified", { timeout: 60_000 });
  const scale = (name: string) => {
    const found = /layers\.(\d+)\./.exec(name)?.[1];
    const depth = found === undefined ? null : Number(found) / 13;
    if (name.endsWith("norm.weight")) return depth === null ? 0.5 : 0.5 * depth;
    if (depth === null) return 0.25;
    const at = depth * 2;
    return 0.7 * (at < 1 ? 0.2 * (1 - at) + at : 1 - (at - 1) + 0.5 * (at - 1));
  };
  const { chat, base } = samples;
  const expected = await referenceMergeOf(samples.target, [{ chat, base, scale }]);
  expect(await differingTensors(out, expected)).toEqual([]);
});

test("rubbish is refused with its place and a hint, and changes nothing", async ({ folder, samples }) => {
  const { ui } = studio;
  const good = await withRecipe(folder, samples, commented);
  await openByKeys(studio, good);
  await expect(title(ui)).toHaveText("Recipe: merge.yaml");
  const rubbish = [
    ["typo.yaml", commented.replace("scale: 0.7", "scael: 0.7"), "typo.yaml:7:5", "Did you mean scale?"],
    ["binary.yml", "\u0000\u0001\u0002", "binary.yml", ""],
    ["linear.yml", "merge_method: linear\nmodels: []\n", "linear.yml:1:15", "task_arithmetic"],
  ] as const;
  for (const [name, text, place, hint] of rubbish) {
    await writeFile(join(folder, name), text);
    await drop(ui, join(folder, name));
    await expect(notices(ui)).toContainText(place);
    await expect(notices(ui)).toContainText(hint);
    await expect(title(ui)).toHaveText("Recipe: merge.yaml");
    await expect(scaleField(ui)).toHaveValue("0.70");
    await expect(card(ui, "Target")).toHaveAttribute("data-state", "loaded");
    await notices(ui).getByRole("button", { name: "Dismiss" }).last().click();
  }
});

test("models that are not there are said on their cards, can be chosen, and the recipe can be saved anyway", async ({
  folder,
  samples,
}) => {
  const { app, ui } = studio;
  const path = await withRecipe(folder, samples, commented);
  await rm(join(folder, "m", "chat"), { recursive: true });
  await openByKeys(studio, path);
  await expect(card(ui, "Chat")).toHaveAttribute("data-state", "failed");
  await expect(card(ui, "Chat").getByRole("alert")).toContainText(join(folder, "m", "chat"));
  await scaleField(ui).fill("0.9");
  await ui.keyboard.press("Control+s");
  await expect(title(ui)).toHaveText("Recipe: merge.yaml");
  expect(await readFile(path, "utf8")).toBe(commented.replace("0.7  #", "0.9  #"));
  await answerOpenDialogs(app, [samples.chat]);
  await card(ui, "Chat").getByRole("button", { name: "Choose folder…" }).click();
  await expect(card(ui, "Chat")).toHaveAttribute("data-state", "loaded");
  await expect(title(ui)).toHaveText("Recipe: merge.yamledited");
  await ui.keyboard.press("Control+s");
  await expect(title(ui)).toHaveText("Recipe: merge.yaml");
  // Through the root only: an absolute path.
  expect(await readFile(path, "utf8")).toContain("scale: 0.9  # found by hand");
  expect(await readFile(path, "utf8")).toContain(`${samples.chat.split("/").slice(-2).join("/")}\n`);
});

test("two vectors are saved as a new recipe with relative paths, found among the recents, and said when gone", async ({
  folder,
  samples,
}) => {
  const { app, ui } = studio;
  await withRecipe(folder, samples, "");
  const models = join(folder, "m");
  for (const [role, name] of [
    ["Target", "target"],
    ["Chat", "chat"],
    ["Base", "base"],
  ] as const) {
    await answerOpenDialogs(app, [join(models, name)]);
    await card(ui, role).getByRole("button", { name: "Choose folder…" }).click();
    await expect(card(ui, role)).toHaveAttribute("data-state", "loaded");
  }
  await ui.getByRole("button", { name: "Add another vector" }).click();
  await answerOpenDialogs(app, [join(models, "target")]);
  await card(ui, "Chat").getByRole("button", { name: "Choose folder…" }).click();
  await scaleField(ui).fill("0.5");
  await mkdir(join(folder, "recipes"));
  await answerSaveDialog(app, join(folder, "recipes", "two"));
  await ui.keyboard.press("Control+Shift+S");
  await expect(title(ui)).toHaveText("Recipe: two.yaml");
  expect(await readFile(join(folder, "recipes", "two.yaml"), "utf8")).toBe(`version: 1
target: ../m/target
vectors:
  - name: chat
    chat: ../m/chat
    base: ../m/base
    scale: 1
  - name: target
    chat: ../m/target
    base: ../m/base
    scale: 0.5
output: {dtype: same, shardSize: 5GB, tokenizer: target, chatTemplate: chat}
`);

  // A window that is opened anew offers it, by keyboard alone.
  await ui.reload();
  await expect(ui.getByRole("region", { name: "Recent recipes" })).toContainText("two.yaml");
  await ui.getByRole("button", { name: /^two\.yaml/ }).focus();
  await ui.keyboard.press("Enter");
  await expect(title(ui)).toHaveText("Recipe: two.yaml");
  await expect(ui.getByRole("button", { name: "Edit vector target" })).toContainText("λ 0.50");
  await rm(join(folder, "recipes"), { recursive: true });
  await title(ui).focus();
  await ui.keyboard.press("Enter");
  const recent = ui.getByRole("menuitem", { name: /two\.yaml/ });
  await expect(recent).toContainText("not there any more");
  await expect(recent).toHaveAttribute("aria-disabled", "true");
});

test("a mergekit file opens as what it means, says what has no effect, and is written again", async ({
  folder,
  samples,
}) => {
  const { app, ui } = studio;
  const path = await withRecipe(
    folder,
    samples,
    `merge_method: task_arithmetic
base_model: ./m/base
models:
  - model: ./m/chat
    parameters: {weight: 0.4}
  - model: ./m/target
    parameters: {weight: [0, 1]}
parameters: {int8_mask: true}
`,
    "merge.yml",
  );
  await openByKeys(studio, path);
  await expect(notices(ui)).toContainText("merge.yml is a mergekit file");
  await expect(notices(ui)).toContainText("int8_mask");
  await expect(scaleField(ui)).toHaveValue("0.40");
  await expect(ui.getByRole("button", { name: "Edit vector target" })).toContainText("λ 1.00");
  const written = join(folder, "again.yml");
  await answerSaveDialog(app, written);
  await title(ui).click();
  await ui.getByRole("menuitem", { name: "Export as mergekit file…" }).click();
  await expect(notices(ui)).toContainText(`Written to ${written}`);
  const text = await readFile(written, "utf8");
  expect(text).toContain(`model: ${join(folder, "m", "chat")}`);
  expect(text).toContain("weight: 0.4");
});
