import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { answerOpenDialogs } from "../support/dialogs.ts";
import { drop } from "../support/drop.ts";
import { cacheBrokenModel, cacheModel } from "../support/hub-cache.ts";
import { card } from "../support/models.ts";
import { expect } from "../support/workspace.ts";
import type { Scene } from "./scene.ts";
import { pick, startOver } from "./stage.ts";

const recentModels = ["tiny-llama-ko", "tiny-llama-chat", "tiny-llama"].map((name, index) => ({
  id: `recent-${index}`,
  name,
  folder: "/home/ada/models",
  missing: index === 1,
}));
const recentRecipes = [
  "korean.yaml",
  "a-name-as-long-as-people-give-them-when-nobody-looks-2026-03-14-final-2.yaml",
].map((name, index) => ({ id: `recipe-${index}`, name, folder: "/home/ada/recipes", missing: false }));

/** Before three models are there. */
export const startScenes: readonly Scene[] = [
  { name: "empty", show: startOver },
  {
    name: "recents",
    async show(stage) {
      await startOver(stage);
      await stage.main.answer("recentModels", { ok: true, value: recentModels });
      await stage.main.answer("recentRecipes", { ok: true, value: recentRecipes });
      await stage.ui.reload();
      await expect(stage.ui.getByText("korean.yaml")).toBeVisible();
    },
  },
  {
    name: "picking",
    large: false,
    async show(stage) {
      const { ui, folder, models } = stage;
      const hub = join(folder, "hub");
      await cacheModel(hub, "meta-llama/Llama-2-7b-hf", models.llama.base);
      await cacheModel(hub, "meta-llama/Llama-2-7b-chat-hf", models.llama.chat);
      await cacheBrokenModel(hub, "beomi/llama-2-ko-7b");
      await card(ui, "Chat").getByRole("button", { name: "Recent and cached…" }).click();
      await expect(ui.getByRole("option", { name: /llama-2-ko-7b/ })).toBeVisible();
    },
  },
  {
    name: "opening",
    large: false,
    async show(stage) {
      await startOver(stage);
      await stage.main.holdBack("pickCheckpoint");
      await card(stage.ui, "Chat").getByRole("button", { name: "Choose folder…" }).click();
      await expect(card(stage.ui, "Chat")).toHaveAttribute("data-state", "opening");
    },
  },
  {
    name: "unreadable",
    large: false,
    async show(stage) {
      await startOver(stage);
      const { ui, folder, studio } = stage;
      const broken = join(folder, "llama-2-ko-7b");
      await mkdir(broken, { recursive: true });
      await writeFile(
        join(broken, "model.safetensors"),
        `version https://git-lfs.github.com/spec/v1\noid sha256:${"0".repeat(64)}\nsize 1\n`,
      );
      await answerOpenDialogs(studio.app, [broken]);
      await card(ui, "Target").getByRole("button", { name: "Choose folder…" }).click();
      await expect(card(ui, "Target").getByRole("alert")).toBeVisible();
    },
  },
  {
    name: "dropped",
    large: false,
    async show(stage) {
      await startOver(stage);
      const { ui, models } = stage;
      await pick(stage, "Target", models.llama.target);
      await drop(ui, models.llama.chat, models.llama.base);
      await expect(ui.getByRole("region", { name: "Roles of the new models" })).toContainText("Base");
    },
  },
  {
    name: "partial",
    large: false,
    async show(stage) {
      const { ui, models } = stage;
      await ui.getByRole("button", { name: "Cancel" }).click();
      await pick(stage, "Chat", models.llama.chat);
    },
  },
  {
    name: "long-names",
    async show(stage) {
      await startOver(stage);
      const { models, folder } = stage;
      const name = "Llama-2-7b-ko-continually-pretrained-on-250B-tokens-of-news-wiki-and-web-2024-06-rev3-final";
      for (const role of ["base", "chat", "target"] as const) {
        await cp(models.llama[role], join(folder, `${name}-${role}`), { recursive: true });
      }
      await pick(stage, "Target", join(folder, `${name}-target`));
      await pick(stage, "Chat", join(folder, `${name}-chat`));
      await pick(stage, "Base", join(folder, `${name}-base`));
      await expect(stage.ui.locator(".measure-status")).toContainText("Whole model");
    },
  },
];
