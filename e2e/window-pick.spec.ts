import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Locator, Page } from "@playwright/test";
import { launchStudio, type Studio } from "./launch.ts";
import { violations } from "./support/axe.ts";
import { answerOpenDialogs } from "./support/dialogs.ts";
import { drop } from "./support/drop.ts";
import { cacheBrokenModel, cacheModel } from "./support/hub-cache.ts";
import { card, pickModels } from "./support/models.ts";
import { expect, test } from "./support/workspace.ts";

let studio: Studio;
let hub: string;

test.beforeEach(async ({ folder }) => {
  hub = join(folder, "hub");
  studio = await launchStudio({ env: { HF_HUB_CACHE: hub } });
});

test.afterEach(async () => {
  await studio.close();
});

const proposal = (ui: Page) => ui.getByRole("region", { name: "Roles of the new models" });
const picker = (ui: Page, role: string) => ui.getByRole("dialog", { name: `Choose the ${role} model` });
const name = (place: Locator) => place.getByRole("heading");
const openPicker = (ui: Page, role: string) =>
  card(ui, role).getByRole("button", { name: "Recent and cached…" }).press("Enter");

test("models that were opened are found again, their role is proposed, and what is gone is said", async ({
  folder,
  samples,
}) => {
  const { app, ui } = studio;
  const mine = join(folder, "my-chat");
  await cp(samples.chat, mine, { recursive: true });
  await answerOpenDialogs(app, [mine]);
  await card(ui, "Target").getByRole("button", { name: "Choose folder…" }).click();
  await expect(card(ui, "Target")).toHaveAttribute("data-state", "loaded");

  await ui.reload();
  const recents = ui.getByRole("region", { name: "Recent models" });
  await recents.getByRole("button", { name: /^my-chat/ }).click();
  await expect(proposal(ui).getByRole("radio", { name: "Chat" })).toBeChecked();
  await expect(proposal(ui)).toContainText("It is called a chat model and has a chat template");
  await expect(card(ui, "Chat")).toHaveAttribute("data-state", "empty");
  // The focus is where the answer is.
  await ui.keyboard.press("Enter");
  await expect(name(card(ui, "Chat"))).toHaveText("my-chat");
  await expect(proposal(ui)).toHaveCount(0);

  await rm(mine, { recursive: true });
  await ui.reload();
  await expect(recents.getByRole("button", { name: /^my-chat/ })).toBeDisabled();
  await expect(recents).toContainText("not there any more");
  await openPicker(ui, "Base");
  await expect(picker(ui, "base").getByRole("option", { name: /^my-chat/ })).toBeDisabled();
});

test("a model of the Hugging Face cache is found by typing and picked by keyboard; broken ones say why", async ({
  samples,
}) => {
  const { ui } = studio;
  await cacheModel(hub, "org/llama-chat", samples.chat);
  await cacheModel(hub, "org/llama", samples.base);
  await cacheBrokenModel(hub, "org/llama-broken");
  await openPicker(ui, "Chat");
  const field = picker(ui, "chat").getByRole("combobox");
  await expect(field).toBeFocused();
  await expect(picker(ui, "chat").getByRole("option")).toHaveCount(3);
  const broken = picker(ui, "chat").getByRole("option", { name: /broken/ });
  await expect(broken).toContainText("one link to its weights leads nowhere");
  expect(await violations(ui)).toEqual([]);

  await field.fill("broken");
  await ui.keyboard.press("Enter");
  await expect(picker(ui, "chat")).toBeVisible();
  await field.fill("nowhere to be found");
  await expect(picker(ui, "chat").getByRole("status")).toHaveText("Nothing here is called “nowhere to be found”.");
  await field.fill("CHAT llama");
  await expect(picker(ui, "chat").getByRole("option")).toHaveCount(1);
  await expect(picker(ui, "chat").getByRole("option")).toContainText(/org\/llama-chat.*MB · today/);
  await ui.keyboard.press("Enter");
  await expect(picker(ui, "chat")).toHaveCount(0);
  await expect(card(ui, "Chat")).toHaveAttribute("data-state", "loaded");

  // From the menu of a card that has a model, and back with Escape.
  await card(ui, "Chat").getByRole("button", { name: "Chat model actions" }).press("Enter");
  await ui.getByRole("menuitem", { name: "Replace with recent or cached…" }).press("Enter");
  await expect(picker(ui, "chat").getByRole("combobox")).toBeFocused();
  await ui.keyboard.press("Escape");
  await expect(card(ui, "Chat").getByRole("button", { name: "Chat model actions" })).toBeFocused();

  // From the command palette.
  await ui.keyboard.press("Control+k");
  await ui.keyboard.type("cached base");
  await ui.keyboard.press("Enter");
  await expect(picker(ui, "base").getByRole("combobox")).toBeFocused();
  await ui.keyboard.press("ArrowDown");
  await expect(picker(ui, "base").getByRole("option", { selected: true })).toContainText("org/");
  await ui.keyboard.press("Escape");
  await expect(card(ui, "Base").getByRole("button", { name: "Recent and cached…" })).toBeFocused();
});

test("a cache that is not there, is empty or cannot be read is said in the list", async () => {
  const { ui } = studio;
  const states: readonly (readonly [() => Promise<unknown>, string])[] = [
    [async () => undefined, "There is no Hugging Face cache at"],
    [() => mkdir(hub), "holds no models"],
    [() => rm(hub, { recursive: true }).then(() => writeFile(hub, "")), "This folder of models cannot be read"],
  ];
  for (const [prepare, text] of states) {
    await prepare();
    await openPicker(ui, "Target");
    await expect(picker(ui, "target")).toContainText(text);
    await expect(picker(ui, "target")).toContainText(hub);
    await ui.keyboard.press("Escape");
  }
});

test("several folders dropped at once are shown with roles, which can be changed before they are taken", async ({
  samples,
}) => {
  const { ui } = studio;
  await drop(ui, samples.base, samples.chat, samples.target);
  await expect(proposal(ui)).toContainText("3 models: which roles are they for?");
  const roleOf = (model: string, role: string) =>
    proposal(ui)
      .getByRole("group", { name: `Role of ${model}` })
      .or(proposal(ui).getByRole("radiogroup", { name: `Role of ${model}` }))
      .getByRole("radio", { name: role });
  for (const role of ["base", "chat", "target"]) {
    await expect(roleOf(role, role.charAt(0).toUpperCase() + role.slice(1))).toBeChecked();
    await expect(card(ui, role.charAt(0).toUpperCase() + role.slice(1))).toHaveAttribute("data-state", "empty");
  }
  expect(await violations(ui)).toEqual([]);
  await roleOf("target", "Chat").click();
  await expect(roleOf("chat", "Target")).toBeChecked();
  await roleOf("target", "Target").click();
  await expect(roleOf("chat", "Chat")).toBeChecked();
  await proposal(ui).getByRole("button", { name: "Use these roles" }).click();
  for (const role of ["Target", "Chat", "Base"]) await expect(name(card(ui, role))).toHaveText(role.toLowerCase());

  // Every role is taken: one more says what it would replace.
  await drop(ui, samples.base);
  await expect(proposal(ui)).toContainText("replaces base");
  await proposal(ui).getByRole("button", { name: "Cancel" }).click();
  await expect(proposal(ui)).toHaveCount(0);
});

test("a base that the chat model's card names is proposed from the cache and from beside it, and taken by a click", async ({
  folder,
  samples,
}) => {
  const { app, ui } = studio;
  await cacheModel(hub, "org/the-base", samples.base);
  const chat = join(folder, "llama-chat");
  await cp(samples.chat, chat, { recursive: true });
  await cp(samples.base, join(folder, "llama"), { recursive: true });
  await writeFile(join(chat, "README.md"), "---\nbase_model:\n- org/the-base\n---\n# A chat model\n");
  await answerOpenDialogs(app, [chat]);
  await card(ui, "Chat").getByRole("button", { name: "Choose folder…" }).click();
  const offers = card(ui, "Base").getByRole("list", { name: "Proposed bases" });
  await expect(offers.getByRole("listitem")).toHaveCount(2);
  await expect(offers).toContainText("The model card of llama-chat names it; it is in the Hugging Face cache.");
  await expect(offers).toContainText("Its name is that of llama-chat without “chat”; it is in the same folder.");
  await expect(card(ui, "Base")).toHaveAttribute("data-state", "empty");
  expect(await violations(ui)).toEqual([]);
  await offers.getByRole("button", { name: "Use org/the-base" }).click();
  await expect(card(ui, "Base")).toHaveAttribute("data-state", "loaded");
});

test("roles are swapped by the menu, by keys, and by dragging one card onto another", async ({ samples }) => {
  const { ui } = studio;
  await pickModels(studio, samples);
  const names = () => Promise.all(["Target", "Chat", "Base"].map((role) => name(card(ui, role)).textContent()));
  await card(ui, "Target").getByRole("button", { name: "Target model actions" }).press("Enter");
  await ui.getByRole("menuitem", { name: "Swap with base" }).press("Enter");
  await expect.poll(names).toEqual(["base", "chat", "target"]);
  await card(ui, "Target").getByRole("button", { name: "Target model actions" }).press("Alt+ArrowDown");
  await expect.poll(names).toEqual(["chat", "base", "target"]);
  // The focus went along, so the keys go on with the same model.
  await expect(card(ui, "Chat").getByRole("button", { name: "Chat model actions" })).toBeFocused();
  await ui.keyboard.press("Alt+ArrowDown");
  await expect.poll(names).toEqual(["chat", "target", "base"]);
  await card(ui, "Chat").locator(".model-card-role").dragTo(card(ui, "Target"));
  await expect.poll(names).toEqual(["target", "chat", "base"]);
});
