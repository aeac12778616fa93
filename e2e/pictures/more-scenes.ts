import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { modelFolders } from "../../src-core/test-support/model-folders.ts";
import { card } from "../support/models.ts";
import { expect, type SamplePaths } from "../support/workspace.ts";
import type { Scene } from "./scene.ts";
import { measureAll, pick, pickAll, startOver } from "./stage.ts";

/** Questions, menus, panels, notices, several vectors. */
export const moreScenes: readonly Scene[] = [
  {
    name: "vocabulary",
    async show(stage) {
      await startOver(stage);
      await pickAll(stage, await vocabularyModels(stage.folder));
      const { ui } = stage;
      await expect(ui.getByRole("region", { name: "To decide, 1" })).toBeVisible();
      await ui.getByText(/^Chat tokens, 0 of/).scrollIntoViewIfNeeded();
      await ui.getByRole("checkbox", { name: "<|im_end|>" }).check();
      await expect(ui.locator(".measure-status")).toContainText("Whole model");
    },
  },
  {
    name: "vectors",
    async show(stage) {
      await startOver(stage);
      const { ui, models } = stage;
      await measureAll(stage, models.llama);
      await ui.getByRole("button", { name: "Add another vector" }).click();
      await pick(stage, "Chat", models.other.chat);
      await ui.getByRole("spinbutton", { name: "Scale λ" }).fill("-0.3");
      await ui.getByRole("tab", { name: "Compare" }).click();
      await expect(ui.getByRole("table", { name: "whole model" }).getByRole("row")).toHaveCount(3);
      await expect(ui.locator(".measure-status")).toContainText("Whole model");
    },
  },
  {
    name: "vector-menu",
    large: false,
    async show({ ui }) {
      await ui
        .getByRole("button", { name: /^Actions of vector/ })
        .first()
        .click();
    },
  },
  {
    name: "card-menu",
    large: false,
    async show(stage) {
      await startOver(stage);
      const { ui, models } = stage;
      await measureAll(stage, models.llama);
      await card(ui, "Target").getByRole("button", { name: "Target model actions" }).click();
    },
  },
  {
    name: "recipe-menu",
    large: false,
    async show({ ui, main }) {
      await closeOverlay(ui);
      const recents = ["korean.yaml", "japanese.yaml"].map((name, index) => ({
        id: `recipe-${index}`,
        name,
        folder: "/home/ada/recipes",
        missing: index === 1,
      }));
      await main.answer("recentRecipes", { ok: true, value: recents });
      await ui.getByRole("button", { name: /^Recipe/ }).click();
      await expect(ui.getByRole("menuitem", { name: /japanese/ })).toBeVisible();
    },
  },
  {
    name: "commands",
    large: false,
    async show({ ui }) {
      await closeOverlay(ui);
      await ui.keyboard.press("Control+k");
      await ui.keyboard.type("la");
      await expect(ui.getByRole("option").first()).toContainText("λ by layer");
    },
  },
  {
    name: "about",
    large: false,
    async show({ ui, main }) {
      await closeOverlay(ui);
      await main.tell({ type: "action", id: "about" });
      await expect(ui.getByRole("dialog", { name: "About Chat Vector Studio" })).toBeVisible();
    },
  },
  {
    name: "settings",
    large: false,
    async show({ ui }) {
      await closeOverlay(ui);
      await ui.keyboard.press("Control+,");
      await expect(ui.getByRole("dialog", { name: "Settings" }).getByRole("radio", { name: "Dark" })).toBeVisible();
    },
  },
  {
    name: "tour",
    async show({ ui, main }) {
      await closeOverlay(ui);
      await main.tell({ type: "action", id: "tour" });
      await expect(ui.locator(".tour-note")).toBeVisible();
    },
  },
  {
    name: "notices",
    async show({ ui, main }) {
      await closeOverlay(ui);
      await main.tell({
        type: "engine",
        engine: {
          status: "failed",
          kind: null,
          adapter: null,
          fallback: false,
          because: null,
          failure: {
            code: "device-failed",
            what: "Nothing on this machine can compute",
            expected: "a GPU, or a CPU with WebAssembly SIMD",
            advice: "Update the graphics driver and restart",
          },
        },
      });
      await main.answer("pickRecipe", {
        ok: false,
        failure: {
          code: "recipe-invalid",
          what: "This is not a recipe",
          where: "/home/ada/recipes/korean.yaml, line 7",
          expected: "a number",
          actual: "“half”",
          advice: "Give λ as a number, 0.5 for a half",
        },
      });
      await ui.keyboard.press("Control+o");
      await expect(ui.getByText("This is not a recipe")).toBeVisible();
    },
  },
];

/** A menu or a panel, and the focus is back where it was. */
async function closeOverlay(ui: Page): Promise<void> {
  await ui.keyboard.press("Escape");
  await expect(ui.locator("[role=menu], [role=dialog], .tour-note")).toHaveCount(0);
  await ui.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
}

async function vocabularyModels(folder: string): Promise<SamplePaths> {
  const tied = { target: false, chat: false, base: false };
  const folders = modelFolders("BPE", tied, { target: 0, chat: 2, base: 1 });
  const paths = { target: join(folder, "llama-ko"), chat: join(folder, "llama-chat"), base: join(folder, "llama") };
  for (const role of ["target", "chat", "base"] as const) {
    await mkdir(paths[role], { recursive: true });
    for (const [name, contents] of Object.entries(folders[role])) await writeFile(join(paths[role], name), contents);
  }
  return paths;
}
