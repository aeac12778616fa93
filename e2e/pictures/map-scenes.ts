import { chooseMetric, moveToCell } from "../support/heatmap.ts";
import { expect, type SamplePaths } from "../support/workspace.ts";
import type { Scene } from "./scene.ts";
import { measureAll, pickAll, type Stage, startOver, untilInspected } from "./stage.ts";

/** The heatmap, the inspector, the curve, the comparison and the plan. */
export const mapScenes: readonly Scene[] = [
  {
    name: "heatmap",
    show: (stage) => showCell(stage, stage.models.llama, "down_proj", 17),
  },
  {
    name: "shape",
    async show({ ui }) {
      await ui.getByRole("spinbutton", { name: "Scale λ" }).fill("0.8");
      await ui.getByRole("button", { name: "Presets" }).click();
      await ui.getByRole("menuitem").nth(2).click();
      await ui.getByRole("button", { name: "Add rule" }).click();
      await ui.keyboard.type("*norm.weight");
      await ui.getByRole("slider", { name: "λ at layer 0" }).focus();
      await ui.keyboard.press("ArrowUp");
    },
  },
  {
    name: "cosines",
    large: false,
    async show(stage) {
      await chooseMetric(stage.ui, "Cosine");
      await moveToCell(stage.ui, "q_proj", 3);
      await untilInspected(stage);
    },
  },
  {
    name: "metrics-menu",
    large: false,
    async show({ ui }) {
      await ui.getByRole("button", { name: "More metrics" }).click();
      await ui.keyboard.press("ArrowDown");
    },
  },
  {
    name: "compare",
    async show(stage) {
      const { ui } = stage;
      await ui.keyboard.press("Escape");
      await ui.getByRole("tab", { name: "Compare" }).click();
      await ui.getByRole("listbox", { name: "Parts by cosine" }).focus();
      await ui.keyboard.press("Home");
      await untilInspected(stage);
    },
  },
  {
    name: "plan",
    async show({ ui }) {
      await ui.getByRole("tab", { name: "Plan" }).click();
      await ui.getByRole("searchbox").fill("layers.3");
    },
  },
  {
    name: "measuring",
    async show(stage) {
      await startOver(stage);
      const { ui, main, models } = stage;
      await main.measuringAt([0, 8, 15, 16, 23, 31]);
      await pickAll(stage, models.llama);
      await expect(ui.getByRole("progressbar", { name: "Measuring" })).toBeVisible();
    },
  },
  {
    name: "deep",
    show: (stage) => showCell(stage, stage.models.deep, "v_proj", 40),
  },
  {
    name: "experts",
    async show(stage) {
      await startOver(stage);
      await measureAll(stage, stage.models.experts);
      const folded = stage.ui.getByRole("button", { name: /experts$/ });
      await folded.first().click();
    },
  },
];

async function showCell(stage: Stage, models: SamplePaths, part: string, layer: number): Promise<void> {
  await startOver(stage);
  await measureAll(stage, models);
  await moveToCell(stage.ui, part, layer);
  await untilInspected(stage);
}
