import { join } from "node:path";
import { comparePictures } from "./pictures/compare-pictures.ts";
import { decodePng } from "./pictures/png.ts";
import { compareWithReference } from "./pictures/references.ts";
import type { Scene } from "./pictures/scene.ts";
import { allScenes } from "./pictures/scenes.ts";
import { closeStage, openStage, type Stage } from "./pictures/stage.ts";
import { expect, test } from "./support/workspace.ts";

const sizes = {
  small: { width: 1280, height: 800 },
  large: { width: 1920, height: 1080 },
  /** The small one, zoomed to 200 %. */
  zoomed: { width: 640, height: 400 },
} as const;

interface View {
  readonly size: keyof typeof sizes;
  readonly colorScheme: "dark" | "light";
  readonly forcedColors?: "active";
}

/** Where the way that states are built shows: with the system's own few colours, and with little room. */
const forcedScenes = ["empty", "heatmap", "compare", "merging", "vocabulary"];
const zoomedScenes = ["empty", "dropped", "heatmap", "done"];

function viewsOf({ name, large = true }: Scene): readonly View[] {
  const themes = ["dark", "light"] as const;
  return [
    ...themes.map((colorScheme) => ({ size: "small", colorScheme }) as const),
    ...(large ? themes.map((colorScheme) => ({ size: "large", colorScheme }) as const) : []),
    ...(forcedScenes.includes(name) ? [{ size: "small", colorScheme: "dark", forcedColors: "active" } as const] : []),
    ...(zoomedScenes.includes(name) ? [{ size: "zoomed", colorScheme: "light" } as const] : []),
  ];
}

let stage: Stage;

test.beforeAll(async () => {
  stage = await openStage();
});

test.afterAll(async () => {
  await closeStage(stage);
});

/** As the reference pictures were taken: another Chromium, or another system's letters, are not the same. */
async function skipElsewhere(): Promise<void> {
  const electron = await stage.studio.app.evaluate(() => process.versions.electron);
  test.skip(process.platform !== "linux" || electron !== "25.1.1", "the pictures are of Electron 25.1.1 on Linux");
}

async function screenshot({ ui }: Stage): Promise<Buffer> {
  await ui.evaluate(async () => {
    await document.fonts.ready;
    // What follows the window's size or theme is drawn after a frame has told it, when nothing else is left to do.
    for (let frames = 0; frames < 3; frames++) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      await new Promise((resolve) => requestIdleCallback(resolve));
    }
  });
  return await ui.screenshot({ animations: "disabled", caret: "hide" });
}

test("every state looks as in its reference pictures, dark and light", async () => {
  test.setTimeout(600_000);
  await skipElsewhere();
  const { ui } = stage;
  const wrong: string[] = [];
  for (const scene of allScenes) {
    await ui.setViewportSize(sizes.small);
    await ui.emulateMedia({ forcedColors: "none", reducedMotion: "reduce" });
    await ui.mouse.move(1, 1);
    await scene.show(stage);
    await ui.mouse.move(1, 1);
    for (const { size, colorScheme, forcedColors } of viewsOf(scene)) {
      await ui.setViewportSize(sizes[size]);
      await ui.emulateMedia({ colorScheme, forcedColors: forcedColors ?? "none", reducedMotion: "reduce" });
      const picture = join(`${size}-${forcedColors === undefined ? colorScheme : "forced"}`, scene.name);
      const found = await compareWithReference(() => screenshot(stage), picture, test.info());
      if (found !== null) wrong.push(found);
    }
  }
  expect(wrong, "look at the pictures in the report; `npm run e2e -- window-pictures -u` takes new ones").toEqual([]);
});

test("a button that is a pixel off, or a shade that is another, is found", async () => {
  await skipElsewhere();
  const { ui } = stage;
  await ui.setViewportSize(sizes.small);
  await ui.emulateMedia({ colorScheme: "dark", forcedColors: "none", reducedMotion: "reduce" });
  const before = decodePng(await screenshot(stage));
  const changed = async (selector: string, property: string, value: string) => {
    const style = (text: string | null) =>
      ui.evaluate(
        ([where, name, given]) => document.querySelector<HTMLElement>(where)?.style.setProperty(name, given),
        [selector, property, text] as const,
      );
    await style(value);
    const after = decodePng(await screenshot(stage));
    await style(null);
    return comparePictures(before, after);
  };
  expect(comparePictures(before, decodePng(await screenshot(stage)))).toMatchObject({ farCount: 0, nearShare: 0 });
  expect((await changed(".button", "transform", "translateX(1px)")).farCount).toBeGreaterThan(48);
  expect((await changed(":root", "--panel", "#1f2226")).nearShare).toBeGreaterThan(0.04);
});
