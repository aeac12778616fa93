import { allScenes } from "./pictures/scenes.ts";
import { closeStage, openStage, type Stage } from "./pictures/stage.ts";
import { violations } from "./support/axe.ts";
import { withoutFocusRing } from "./support/focus-ring.ts";
import { expect, test } from "./support/workspace.ts";

let stage: Stage;

test.beforeAll(async () => {
  stage = await openStage();
});

test.afterAll(async () => {
  await closeStage(stage);
});

/** Without a menu or a list, which would close when the focus goes elsewhere. */
const focusScenes = ["empty", "unreadable", "dropped", "shape", "compare", "plan", "done", "vocabulary", "settings"];

test("axe finds nothing in any state of the window, dark or light; what has the focus shows it", async () => {
  test.setTimeout(600_000);
  const { ui } = stage;
  await ui.setViewportSize({ width: 1280, height: 800 });
  const found: string[] = [];
  for (const { name, show } of allScenes) {
    await show(stage);
    found.push(...(await violations(ui)).map((each) => `${name}, ${each}`));
    if (!focusScenes.includes(name)) continue;
    const { checked, missing } = await withoutFocusRing(ui);
    expect(checked, name).toBeGreaterThan(5);
    found.push(...missing.map((each) => `${name}, no focus ring: ${each}`));
  }
  expect(found).toEqual([]);
});

test("nothing moves where less motion is asked for", async () => {
  const { ui } = stage;
  const moving = () =>
    ui.evaluate(() => document.getAnimations().filter(({ playState }) => playState === "running").length);
  const opening = allScenes.find(({ name }) => name === "opening");
  await ui.emulateMedia({ reducedMotion: "no-preference" });
  await opening?.show(stage);
  await expect.poll(moving).toBeGreaterThan(0);
  await ui.emulateMedia({ reducedMotion: "reduce" });
  await expect.poll(moving).toBe(0);
});
