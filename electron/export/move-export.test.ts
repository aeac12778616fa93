import { existsSync, statSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { moveExport } from "./move-export.ts";

const otherDisk = existsSync("/dev/shm") && statSync("/dev/shm").dev !== statSync(tmpdir()).dev ? "/dev/shm" : null;

let folder = "";
let other = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "move-export-"));
  other = await mkdtemp(join(otherDisk ?? tmpdir(), "move-export-"));
  await mkdir(join(folder, "model"));
  await writeFile(join(folder, "model", "model.safetensors"), "weights");
  await writeFile(join(folder, "model", "config.json"), "{}");
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
  await rm(other, { recursive: true, force: true });
});

async function expectMoved(to: string): Promise<void> {
  expect(await readdir(folder)).not.toContain("model");
  expect((await readdir(to)).sort()).toEqual(["config.json", "model.safetensors"]);
  expect(await readFile(join(to, "model.safetensors"), "utf8")).toBe("weights");
}

test("a folder moves in one step on its file system", async () => {
  await moveExport(join(folder, "model"), join(folder, "there"));
  await expectMoved(join(folder, "there"));
});

test.runIf(otherDisk !== null)("a folder is copied, compared and then removed on the way to another one", async () => {
  await moveExport(join(folder, "model"), join(other, "there"));
  await expectMoved(join(other, "there"));
  expect(await readdir(other)).toEqual(["there"]);
});

test("what stands at the new place is not touched, and the folder stays", async () => {
  await mkdir(join(other, "there"));
  await expect(moveExport(join(folder, "model"), join(other, "there"))).rejects.toMatchObject({
    failure: { code: "output-exists" },
  });
  await expect(moveExport(join(folder, "model"), join(other, "no", "there"))).rejects.toMatchObject({
    failure: { code: "output-invalid" },
  });
  expect(await readdir(folder)).toEqual(["model"]);
});
