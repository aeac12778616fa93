import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { modelFolders } from "../src-core/test-support/model-folders.ts";
import { launchStudio, type Studio } from "./launch.ts";
import { answerSaveDialog } from "./support/dialogs.ts";
import { pickModels } from "./support/models.ts";
import { readTensors } from "./support/reference-merge.ts";
import { expect, test } from "./support/workspace.ts";

let studio: Studio;

test.beforeEach(async () => {
  studio = await launchStudio();
});

test.afterEach(async () => {
  await studio.close();
});

test("the window says how vocabularies match, and gives the target tokens of the chat model", async ({ folder }) => {
  const { app, ui } = studio;
  const tied = { target: false, chat: false, base: false };
  const folders = modelFolders("BPE", tied, { target: 0, chat: 2, base: 1 });
  const paths = { target: join(folder, "ko"), chat: join(folder, "chat"), base: join(folder, "base") };
  for (const role of ["target", "chat", "base"] as const) {
    await mkdir(paths[role]);
    for (const [name, contents] of Object.entries(folders[role])) await writeFile(join(paths[role], name), contents);
  }
  await pickModels(studio, paths);
  const out = join(folder, "merged");
  await answerSaveDialog(app, out);
  await ui.getByRole("button", { name: "Change output folder…" }).click();
  const toDecide = ui.getByRole("region", { name: "To decide, 1" });
  await expect(toDecide).toContainText("9 of 12 tokens matched; 3 are the target's own, e.g. ");
  await expect(toDecide.getByRole("radio", { name: "By token" })).toBeChecked();

  const models = ui.getByRole("region", { name: "Models" });
  await expect(models).toContainText("Chat tokens, 0 of 5 taken");
  const end = models.getByRole("checkbox", { name: "<|im_end|>" });
  await expect(end).toHaveAccessibleDescription(/ends a text · in the template · would add row 12/);
  await end.check();
  await expect(end).toHaveAccessibleDescription(/adds row 12/);
  await models.getByRole("checkbox", { name: "<|im_start|>" }).check();
  await models.getByRole("combobox", { name: "Place of <|im_start|>" }).selectOption("In place of <unused0>");
  await expect(models).toContainText("Chat tokens, 2 of 5 taken");
  await ui.getByRole("tab", { name: "Plan" }).click();
  await expect(ui.getByRole("row", { name: /embed_tokens/ })).toContainText("13 × 8");

  await ui.getByRole("button", { name: /^Export/ }).click();
  await expect(ui.getByRole("region", { name: "Export" })).toContainText("Written and verified", { timeout: 60_000 });
  await expect(ui.getByRole("region", { name: "Export" })).toContainText(out);
  const [merged, chat] = [await readTensors(out), await readTensors(paths.chat)];
  const row = (tensors: typeof merged, name: string, at: number) =>
    tensors.get(name)?.bytes.subarray(at * 32, at * 32 + 32);
  for (const name of ["model.embed_tokens.weight", "lm_head.weight"]) {
    expect(merged.get(name)?.shape).toEqual([13, 8]);
    expect(row(merged, name, 12)).toEqual(row(chat, name, 10));
    expect(row(merged, name, 3)).toEqual(row(chat, name, 9));
  }
  const config = JSON.parse(await readFile(join(out, "config.json"), "utf8"));
  expect(config).toMatchObject({ vocab_size: 13, eos_token_id: 12 });
  const tokenizer = JSON.parse(await readFile(join(out, "tokenizer_config.json"), "utf8"));
  expect(tokenizer.eos_token).toBe("<|im_end|>");
});
