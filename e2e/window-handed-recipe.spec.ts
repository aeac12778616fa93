import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { launchStudio } from "./launch.ts";
import { card } from "./support/models.ts";
import { expect, test } from "./support/workspace.ts";

test("a recipe that the program is started with opens in the window, as a path or as an address", async ({
  folder,
  samples,
}) => {
  const path = join(folder, "my recipe.yaml");
  const models = `target: ${samples.target}\nvectors:\n  - {chat: ${samples.chat}, base: ${samples.base}, scale: 0.7}\n`;
  await writeFile(path, `version: 1\n${models}`);
  for (const word of [path, pathToFileURL(path).href]) {
    const studio = await launchStudio({ args: [word] });
    try {
      await expect(card(studio.ui, "Target")).toHaveAttribute("data-state", "loaded");
      await expect(studio.ui.getByRole("spinbutton", { name: "Scale λ" })).toHaveValue("0.70");
      await expect(studio.ui.getByRole("button", { name: /^Recipe:/ })).toContainText("my recipe");
    } finally {
      await studio.close();
    }
  }
});

test("a recipe that is not there is said in the window", async ({ folder }) => {
  const studio = await launchStudio({ args: [join(folder, "gone.yaml")] });
  try {
    await expect(studio.ui.getByRole("alert")).toContainText("gone.yaml");
  } finally {
    await studio.close();
  }
});
