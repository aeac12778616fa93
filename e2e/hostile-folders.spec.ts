import { execFileSync } from "node:child_process";
import { cp, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { launchStudio, runCli } from "./launch.ts";
import { answerOpenDialogs } from "./support/dialogs.ts";
import { expect, test } from "./support/workspace.ts";

/** One tensor of one byte under the name, in a file of safetensors. */
function modelWith(tensor: string): Buffer {
  const header = Buffer.from(JSON.stringify({ [tensor]: { dtype: "U8", shape: [1], data_offsets: [0, 1] } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.alloc(1)]);
}

const markup = "<img src=x onerror=document.title='hacked'><b>bold</b>";
const unshowable = /[^\P{Cc}\n\t]|[\p{Cf}\p{Zl}\p{Zp}]/u;

test("a hostile folder blocks no command and steers no terminal", async ({ folder, samples }) => {
  const pipe = join(folder, "pipe");
  await mkdir(pipe);
  if (process.platform !== "win32") execFileSync("mkfifo", [join(pipe, "model.safetensors")]);
  const steering = join(folder, "esc\u001b[2J\u202egpj");
  await mkdir(steering);
  await writeFile(join(steering, "model.safetensors"), modelWith("good"));
  await writeFile(join(steering, "config.json"), JSON.stringify({ architectures: ["\u009b31mA\u2066"] }));
  const deceiving = join(folder, "deceiving");
  await mkdir(deceiving);
  await writeFile(join(deceiving, "model.safetensors"), modelWith("a\u202eb\u0000"));

  const merge = (base: string) => ["merge", "--base", base, "--chat", samples.chat, "--target", samples.target];
  const out = join(folder, "out");
  for (const [words, code, says] of [
    [["inspect", pipe], 3, "error: shard-missing"],
    [[...merge(pipe), "--out", out], 3, "error: shard-missing"],
    [["inspect", deceiving], 3, "\\u{202e}b"],
    [[...merge(deceiving), "--out", out, "--json"], 3, "\\u{202e}b"],
    [["inspect", steering], 0, "\\u{1b}[2J\\u{202e}gpj"],
    [["inspect", steering, "--json"], 0, "\\u202egpj"],
    [[...merge(steering), "--out", out], 4, "error: "],
  ] as const) {
    const result = await runCli(words);
    expect(result.code, words.join(" ")).toBe(code);
    expect(result.stdout + result.stderr).toContain(says);
    expect(result.stdout + result.stderr).not.toMatch(unshowable);
  }
  expect(await readdir(folder)).not.toContain("out");
});

test("markup in the names of a model, its folder and its tensors is text in the window", async ({
  folder,
  samples,
}) => {
  // A folder's name cannot have the slash of an end tag.
  const path = join(folder, `${markup.replaceAll("/", "")}\u202e`);
  await cp(samples.target, path, { recursive: true });
  await writeFile(join(path, "model.safetensors"), modelWith(markup));
  await writeFile(join(path, "config.json"), JSON.stringify({ architectures: [markup], hidden_size: 4 }));
  const studio = await launchStudio();
  try {
    await answerOpenDialogs(studio.app, [path, path, path]);
    const opened = await studio.ui.evaluate(async () => {
      const outcome = await window.studio.pickCheckpoint("folder");
      return outcome.ok ? outcome.value : null;
    });
    expect(opened?.name).toContain("\\u{202e}");
    for (const role of ["Target", "Chat", "Base"]) {
      const card = studio.ui.getByRole("region", { name: new RegExp(role, "i") }).first();
      const button = card.getByRole("button", { name: /folder/i }).first();
      if (await button.isVisible()) await button.click();
    }
    await expect(studio.ui.getByText("<img src=x onerror=").first()).toBeVisible();
    const drawn = await studio.ui.evaluate(() => ({
      images: document.querySelectorAll("img").length,
      bold: [...document.querySelectorAll("b")].filter(({ textContent }) => textContent === "bold").length,
      title: document.title,
      direction: /[\u202a-\u202e\u2066-\u2069]/.test(document.body.textContent ?? ""),
    }));
    expect(drawn).toEqual({ images: 0, bold: 0, title: "Chat Vector Studio", direction: false });
  } finally {
    await studio.close();
  }
});
