import type { ElectronApplication } from "@playwright/test";
import { launchStudio, type Studio } from "./launch.ts";
import { violations } from "./support/axe.ts";
import { measureModels, pickModels } from "./support/models.ts";
import { expect, test } from "./support/workspace.ts";

let studio: Studio;

test.beforeEach(async () => {
  studio = await launchStudio();
});

test.afterEach(async () => {
  await studio.close();
});

interface Item {
  readonly label: string;
  readonly enabled: boolean;
  readonly checked: boolean;
  readonly accelerator: string | null;
}

/** The native menus as they are. */
function menus(app: ElectronApplication): Promise<Readonly<Record<string, readonly Item[]>>> {
  return app.evaluate(({ Menu }) =>
    Object.fromEntries(
      (Menu.getApplicationMenu()?.items ?? []).map((menu) => [
        menu.label,
        (menu.submenu?.items ?? []).map(({ label, enabled, checked, accelerator }) => ({
          label,
          enabled,
          checked,
          accelerator: typeof accelerator === "string" ? accelerator : null,
        })),
      ]),
    ),
  );
}

const item = async (menu: string, label: string | RegExp) => {
  const items = (await menus(studio.app))[menu] ?? [];
  return items.find((each) => (typeof label === "string" ? each.label === label : label.test(each.label)));
};

/** Chooses an item of a native menu, as a click does. */
async function choose(id: string): Promise<void> {
  await studio.app.evaluate(({ Menu }, wanted) => Menu.getApplicationMenu()?.getMenuItemById(wanted)?.click(), id);
}

test("menus offer what the palette offers, with shortcuts, and follow the state of the window", async ({ samples }) => {
  const { ui } = studio;
  await expect
    .poll(async () => Object.keys(await menus(studio.app)))
    .toEqual(["File", "Edit", "View", "Window", "Help"]);
  await expect
    .poll(() => item("File", "Open recipe…"))
    .toMatchObject({ enabled: true, accelerator: "CommandOrControl+O" });
  expect(await item("File", "Export")).toMatchObject({ enabled: false });
  expect(await item("Edit", "Undo")).toMatchObject({ enabled: false, accelerator: "CommandOrControl+Z" });
  expect(await item("View", "Plan")).toMatchObject({ enabled: false });
  await pickModels(studio, samples);
  await expect.poll(() => item("File", "Export")).toMatchObject({ enabled: true });
  await ui.getByRole("spinbutton", { name: "Scale λ" }).fill("0.5");
  await expect.poll(() => item("Edit", "Undo change of λ")).toMatchObject({ enabled: true });
  await choose("undo");
  await expect(ui.getByRole("spinbutton", { name: "Scale λ" })).toHaveValue("1.00");
  await choose("view-plan");
  await expect(ui.getByRole("tab", { name: "Plan" })).toHaveAttribute("aria-selected", "true");
  await expect.poll(() => item("View", "Plan")).toMatchObject({ checked: true });
  // A field of text undoes its own text, also from the menu.
  await ui.getByRole("searchbox").fill("mlp");
  await choose("undo");
  await expect(ui.getByRole("searchbox")).toHaveValue("");
});

test("shortcuts do what the menus show", async ({ samples }) => {
  const { ui } = studio;
  await pickModels(studio, samples);
  await ui.keyboard.press("Control+3");
  await expect(ui.getByRole("tab", { name: "Plan" })).toHaveAttribute("aria-selected", "true");
  await ui.keyboard.press("Control+2");
  await expect(ui.getByRole("tab", { name: "Compare" })).toHaveAttribute("aria-selected", "true");
});

test("the command palette finds by words, does with Enter, and gives the focus back", async ({ samples }) => {
  const { ui } = studio;
  await measureModels(studio, samples);
  const tab = ui.getByRole("tab", { name: "Heatmap" });
  await tab.focus();
  await ui.keyboard.press("Control+k");
  const search = ui.getByRole("combobox", { name: "Search commands" });
  await expect(search).toBeFocused();
  const options = ui.getByRole("option");
  await expect(options.first()).toHaveAttribute("aria-selected", "true");
  expect(await violations(ui)).toEqual([]);
  await ui.keyboard.type("ramp do");
  await expect(options).toHaveText(["λ by layer: ramp down"]);
  const active = await search.getAttribute("aria-activedescendant");
  expect(await options.first().getAttribute("id")).toBe(active);
  await ui.keyboard.press("Enter");
  await expect(search).toBeHidden();
  await expect(tab).toBeFocused();
  await expect.poll(() => item("Edit", "Undo change of λ by layer")).toMatchObject({ enabled: true });

  await ui.getByRole("button", { name: /^Commands/ }).click();
  await ui.keyboard.type("lambda");
  await ui.keyboard.press("ArrowDown");
  await expect(options.nth(1)).toHaveAttribute("aria-selected", "true");
  await search.fill("no such thing");
  await expect(ui.getByText("No command has these words")).toBeVisible();
  await ui.keyboard.press("Escape");
  await expect(search).toBeHidden();
  // What cannot be done now stands there and does nothing.
  await ui.keyboard.press("Control+k");
  await ui.keyboard.type("go on");
  await expect(options).toHaveAttribute("aria-disabled", "true");
  await ui.keyboard.press("Enter");
  await expect(search).toBeVisible();
});

test("every action of the menus stands in the palette", async () => {
  const { ui } = studio;
  await expect(ui.getByRole("button", { name: /^Commands/ })).toBeVisible();
  await expect.poll(() => item("File", "Open recipe…")).toBeTruthy();
  const all = await studio.app.evaluate(({ Menu }) =>
    (Menu.getApplicationMenu()?.items ?? []).flatMap((menu) =>
      (menu.submenu?.items ?? []).flatMap(({ id, label }) => (id && id !== "commands" ? [label] : [])),
    ),
  );
  expect(all.length).toBeGreaterThan(20);
  await ui.keyboard.press("Control+k");
  const offered = await ui.getByRole("option").locator(".palette-label").allTextContents();
  expect(all.filter((label) => !offered.includes(label))).toEqual([]);
});

test("what is new and about open from the palette, are read by the keyboard, and close with Escape", async () => {
  const { ui } = studio;
  await ui.getByRole("button", { name: /^Commands/ }).waitFor();
  for (const [words, title, text] of [
    ["what new", "What’s new", "The same merges run on the command line"],
    ["about", "About Chat Vector Studio", "Electron"],
  ] as const) {
    await ui.keyboard.press("Control+k");
    await ui.keyboard.type(words);
    await ui.keyboard.press("Enter");
    const panel = ui.getByRole("dialog", { name: title });
    await expect(panel).toContainText(text);
    expect(await violations(ui)).toEqual([]);
    await ui.keyboard.press("Escape");
    await expect(panel).toBeHidden();
  }
});
