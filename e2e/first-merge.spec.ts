import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { launchStudio } from "./launch.ts";
import { mergeFirstTime } from "./support/first-merge.ts";
import { expect, test } from "./support/workspace.ts";

const mostClicks = 6;
const mostSeconds = 60;

test(`a first merge of the samples, with a figure, takes ${mostClicks} clicks and less than a minute from the start`, async ({
  folder,
}) => {
  const start = performance.now();
  // As the first time: the tour comes, the samples have to be made.
  const studio = await launchStudio({ tour: true });
  try {
    await studio.ui.setViewportSize({ width: 1280, height: 800 });
    const figure = join(folder, "figure.svg");
    const frames: string[] = [];
    const { clicks, out } = await mergeFirstTime(studio, figure, async (name, png) => {
      frames.push(name);
      await writeFile(test.info().outputPath(`${name}.png`), png);
    });
    const seconds = (performance.now() - start) / 1000;
    process.stdout.write(`first merge: ${clicks} clicks, ${seconds.toFixed(1)} s from the program's start\n`);
    expect(clicks).toBeLessThanOrEqual(mostClicks);
    expect(seconds).toBeLessThan(mostSeconds);
    expect(frames).toHaveLength(clicks + 1);
    expect(out).toMatch(/sample-model-chat$/);
  } finally {
    await studio.close();
  }
});
