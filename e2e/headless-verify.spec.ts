import { createHash } from "node:crypto";
import { cp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCli } from "./launch.ts";
import { expect, test } from "./support/workspace.ts";

test("an exported model says what it was made of, and verify confirms it", async ({ folder, samples }) => {
  const models = join(folder, "models");
  await cp(samples.base, join(models, "base"), { recursive: true });
  await cp(samples.chat, join(models, "chat"), { recursive: true });
  await cp(samples.target, join(models, "target"), { recursive: true });
  await writeFile(join(models, "target", "README.md"), "---\nlicense: apache-2.0\n---\n# Target\n");
  const out = join(folder, "merged");
  const words = ["base", "chat", "target"].flatMap((role) => [`--${role}`, join(models, role)]);
  const merged = await runCli(["merge", ...words, "--scale", "0.7", "--out", out, "--shard-size", "500kB", "--json"]);
  expect(merged.code).toBe(0);
  const { files } = JSON.parse(merged.stdout);
  expect(files.length).toBeGreaterThan(1);
  for (const { name, sha256 } of files) {
    expect(
      createHash("sha256")
        .update(await readFile(join(out, name)))
        .digest("hex"),
    ).toBe(sha256);
  }

  await test.step("the card has the Hub's fields, the recipe and the way to load it", async () => {
    const card = await readFile(join(out, "README.md"), "utf8");
    for (const part of [
      "license: apache-2.0",
      "base_model:",
      "- merge",
      "- chat-vector",
      "scale: 0.7",
      "from_pretrained",
    ]) {
      expect(card).toContain(part);
    }
    const recorded = JSON.parse(await readFile(join(out, "chat-vector.json"), "utf8"));
    expect(recorded).toMatchObject({ format: 1, files, verified: { mismatches: 0 } });
    expect(recorded.sources.map(({ roles }: { roles: string[] }) => roles[0])).toEqual([
      "target",
      "chat of chat",
      "base of chat",
    ]);
  });

  await test.step("the recipe beside it makes the same model again", async () => {
    const again = join(folder, "again");
    const words = ["merge", "--recipe", join(out, "chat-vector.yaml"), "--out", again, "--hash-sources", "--json"];
    const repeated = await runCli(words);
    expect(repeated.code).toBe(0);
    const { sources } = JSON.parse(await readFile(join(again, "chat-vector.json"), "utf8"));
    for (const { path, files: read } of sources) {
      for (const { name, sha256 } of read) {
        const bytes = await readFile(join(path, name));
        expect(createHash("sha256").update(bytes).digest("hex")).toBe(sha256);
      }
    }
    expect(JSON.parse(repeated.stdout).files).toEqual(files);
    await rm(again, { recursive: true });
  });

  await test.step("an untouched folder passes, wherever it lies", async () => {
    await cp(out, join(folder, "copied"), { recursive: true });
    for (const path of [out, join(folder, "copied")]) {
      const { code, stdout } = await runCli(["verify", path, "--json"]);
      expect(code).toBe(0);
      const found = JSON.parse(stdout);
      expect(found.files.every(({ state }: { state: string }) => state === "same")).toBe(true);
      expect(found.recomputed.samples).toBeGreaterThanOrEqual(65_536);
      expect(found.recomputed.mismatches).toBe(0);
    }
  });

  await test.step("without a source the files are checked, and that is said", async () => {
    await rm(join(models, "chat"), { recursive: true });
    const { code, stdout } = await runCli(["verify", out]);
    expect(code).toBe(0);
    expect(stdout).toContain(`not recomputed: ${join(models, "chat")} is missing`);
  });

  await test.step("one changed bit, a cut file, a lost one are found", async () => {
    const path = join(out, files[1].name);
    const bytes = await readFile(path);
    const changed = Buffer.from(bytes);
    changed[changed.length - 100] = (changed[changed.length - 100] ?? 0) ^ 1;
    const damages: [string, () => Promise<void>][] = [
      ["another SHA-256", () => writeFile(path, changed)],
      ["another size", () => truncate(path, bytes.length - 1)],
      ["missing", () => rm(path)],
    ];
    for (const [word, damage] of damages) {
      await damage();
      const { code, stderr } = await runCli(["verify", out]);
      expect(code).toBe(5);
      expect(stderr).toContain("error: verification-failed:");
      expect(stderr).toContain(word);
    }
  });

  await test.step("a folder of something else is said to be that", async () => {
    const { code, stderr } = await runCli(["verify", models]);
    expect(code).toBe(3);
    expect(stderr).toContain("chat-vector.json");
  });
});
