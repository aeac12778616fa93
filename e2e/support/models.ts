import type { Locator, Page } from "@playwright/test";
import type { Studio } from "../launch.ts";
import { answerOpenDialogs } from "./dialogs.ts";
import { expect, type SamplePaths } from "./workspace.ts";

export const card = (ui: Page, role: string): Locator => ui.getByRole("region", { name: `${role} model` });

/** Picks models by the cards' buttons, as a person does, in the order of the cards. A role that is left out stays empty. */
export async function pickModels({ app, ui }: Studio, models: Partial<SamplePaths>): Promise<void> {
  const roles = (["target", "chat", "base"] as const).filter((role) => models[role] !== undefined);
  await answerOpenDialogs(
    app,
    roles.flatMap((role) => models[role] ?? []),
  );
  for (const role of roles) {
    const place = card(ui, role.charAt(0).toUpperCase() + role.slice(1));
    await place.getByRole("button", { name: "Choose folder…" }).click();
    await expect(place).toHaveAttribute("data-state", "loaded");
  }
}

/** Picks models and waits until all of them is measured. */
export async function measureModels(studio: Studio, models: Partial<SamplePaths>): Promise<void> {
  await pickModels(studio, models);
  await untilMeasured(studio.ui);
}

export async function untilMeasured(ui: Page): Promise<void> {
  await expect(measureStatus(ui)).toContainText("Whole model", { timeout: 90_000 });
}

export const measureStatus = (ui: Page): Locator => ui.locator(".measure-status");

export async function textOf(place: Locator): Promise<string> {
  return (await place.textContent()) ?? "";
}
