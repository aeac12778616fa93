import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Page, test } from "@playwright/test";
import { launchStudio, runCli, type Studio } from "../launch.ts";
import { answerSaveDialog } from "../support/dialogs.ts";
import { mergeFirstTime } from "../support/first-merge.ts";
import { chooseMetric, moveToCell } from "../support/heatmap.ts";
import { measureModels } from "../support/models.ts";

/** The pictures that README.md shows, from the application itself. */
const pictures = fileURLToPath(new URL("../../docs/pictures", import.meta.url));

/** A folder of its own: its path is shown in the pictures, and so is a short one. */
let home: string;
const window = { width: 1280, height: 800 };

test.beforeAll(async () => {
  home = await mkdtemp("/tmp/studio-");
  await mkdir(join(home, "Documents"));
});
test.afterAll(() => rm(home, { recursive: true, force: true }));

const names = { base: "base", chat: "base-chat", target: "base-korean" };

/** Sample models under names as people give them. */
async function models(folder: string, options: readonly string[]) {
  const directory = join(home, folder);
  const { code, stderr } = await runCli(["samples", "--out", directory, ...options]);
  if (code !== 0) throw new Error(stderr);
  for (const role of ["chat", "target"] as const) await rename(join(directory, role), join(directory, names[role]));
  return {
    base: join(directory, names.base),
    chat: join(directory, names.chat),
    target: join(directory, names.target),
  };
}

async function withStudio(colorScheme: "dark" | "light", use: (studio: Studio) => Promise<void>, tour = false) {
  const studio = await launchStudio({ profile: join(home, `profile-${Math.random()}`), env: { HOME: home }, tour });
  try {
    await studio.ui.setViewportSize(window);
    await studio.ui.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await use(studio);
  } finally {
    await studio.close();
  }
}

async function keep(ui: Page, name: string): Promise<void> {
  // Neither a focus nor a pointer that happens to be somewhere; what follows λ, the plan and the inspector has come by then.
  await ui.mouse.move(640, 4);
  await ui.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
  await ui.waitForTimeout(1000);
  await ui.screenshot({ path: join(pictures, `${name}.png`), animations: "disabled" });
}

test("the frames of a first merge", async () => {
  const shown: Readonly<Record<string, string>> = {
    "0-start": "start",
    "3-tensor": "tensor",
    "6-exported": "exported",
  };
  await withStudio(
    "light",
    async (studio) => {
      await mergeFirstTime(studio, join(home, "figure.svg"), async (name, png) => {
        const picture = shown[name];
        if (picture !== undefined) await writeFile(join(pictures, `${picture}.png`), png);
      });
    },
    true,
  );
});

test("32 layers, with a curve, a rule and a tensor; its figure; what was compared", async () => {
  const triple = await models("models", ["--parameters", "3M", "--layers", "32"]);
  await withStudio("dark", async (studio) => {
    const { app, ui } = studio;
    await measureModels(studio, triple);
    await ui.getByRole("spinbutton", { name: "Scale λ" }).fill("0.8");
    await ui.getByRole("button", { name: "Presets" }).click();
    await ui.getByRole("menuitem", { name: "Middle" }).click();
    await ui.getByRole("button", { name: "Add rule" }).click();
    await ui.keyboard.type("*norm.weight");
    await ui.getByRole("textbox", { name: "λ of *norm.weight" }).fill("0");
    await moveToCell(ui, "down_proj", 19);
    await answerSaveDialog(app, join(pictures, "figure.png"));
    await ui.getByRole("button", { name: "Save figure" }).click();
    await ui.getByRole("menuitem", { name: "PNG" }).click();
    await ui.getByRole("button", { name: "Saved", exact: true }).waitFor();
    await ui.getByRole("button", { name: "Save figure" }).waitFor();
    await keep(ui, "heatmap");
    await ui.getByRole("tab", { name: "Compare" }).click();
    await keep(ui, "compare");
  });
});

test("126 layers, and experts", async () => {
  const deep = await models("deep", ["--parameters", "10M", "--layers", "126"]);
  await withStudio("dark", async (studio) => {
    await measureModels(studio, deep);
    await chooseMetric(studio.ui, "Cosine");
    await keep(studio.ui, "deep");
  });
  const experts = await models("experts", ["--parameters", "10M", "--layers", "24", "--experts", "8"]);
  await withStudio("light", async (studio) => {
    await measureModels(studio, experts);
    await moveToCell(studio.ui, "gate (w1)", 12);
    await studio.ui.keyboard.press("Enter");
    await keep(studio.ui, "experts");
  });
});
