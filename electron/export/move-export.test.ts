import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Random } from "../../src-core/random.ts";
import { buildTestProgram } from "../test-program.fixture.ts";
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

test.runIf(otherDisk !== null)("a copy that is not the same is not taken, and the folder stays", async () => {
  const copyBadly = async (from: string, to: string) => {
    await cp(from, to, { recursive: true });
    await writeFile(join(to, "model.safetensors"), "weighty");
  };
  await expect(moveExport(join(folder, "model"), join(other, "there"), copyBadly)).rejects.toMatchObject({
    failure: { code: "verification-failed" },
  });
  expect(await readdir(folder)).toEqual(["model"]);
  expect(await readdir(other)).toEqual([]);
});

test.runIf(otherDisk !== null)("what a killed move has left is removed, what is someone else's is not", async () => {
  await mkdir(join(other, "there.moving"));
  await writeFile(join(other, "there.moving", "model.safetensors"), "wei");
  await mkdir(join(folder, "model.moved"));
  await writeFile(join(folder, "model.moved", "config.json"), "{}");
  await moveExport(join(folder, "model"), join(other, "there"));
  await expectMoved(join(other, "there"));
  expect(await readdir(folder)).toEqual([]);

  await mkdir(join(folder, "there.moving"));
  await writeFile(join(folder, "there.moving", "notes.txt"), "");
  await expect(moveExport(join(other, "there"), join(folder, "there"))).rejects.toMatchObject({
    failure: { code: "output-exists" },
  });
  expect(await readdir(join(folder, "there.moving"))).toEqual(["notes.txt"]);
});

/** A file that cannot be removed as long as something is mounted on it. */
function hold(path: string): boolean {
  return process.platform === "linux" && spawnSync("mount", ["--bind", path, path]).status === 0;
}

test.runIf(otherDisk !== null)("an old folder that cannot be removed does not keep its name", async ({ skip }) => {
  const weights = join(folder, "model", "model.safetensors");
  if (!hold(weights)) skip();
  try {
    await expect(moveExport(join(folder, "model"), join(other, "there"))).rejects.toThrow(/could not be removed/);
    expect(await readFile(join(other, "there", "model.safetensors"), "utf8")).toBe("weights");
    expect(await readdir(folder)).toEqual(["model.moved"]);
  } finally {
    spawnSync("umount", [join(folder, "model.moved", "model.safetensors")]);
    spawnSync("umount", [weights]);
  }
});

const killCount = 8;

test.runIf(otherDisk !== null)(
  `killed at any moment, a move leaves each name whole or free, ${killCount} times of ${killCount}`,
  async () => {
    const program = await buildTestProgram(new URL("./move.fixture.ts", import.meta.url));
    const random = new Random(3);
    const weights = Buffer.alloc(2_000_000, "weights");
    const names = Array.from({ length: 4 }, (_, at) => `model-${at}.safetensors`);
    const [from, to] = [join(folder, "whole"), join(other, "there")];
    const isWhole = async (path: string) => {
      const found = await readdir(path).catch(() => null);
      if (found === null) return false;
      expect(found.sort()).toEqual(names);
      for (const name of names) expect(weights.equals(await readFile(join(path, name)))).toBe(true);
      return true;
    };
    const ends = new Set<string>();
    for (let kill = 0; kill < killCount; kill++) {
      await mkdir(from);
      for (const name of names) await writeFile(join(from, name), weights);
      const child = spawn(process.execPath, [program, from, to], { stdio: ["ignore", "pipe", "inherit"] });
      await once(child.stdout, "data");
      const timer = setTimeout(() => child.kill("SIGKILL"), random.integer(150));
      await once(child, "close");
      clearTimeout(timer);
      const whole = { from: await isWhole(from), to: await isWhole(to) };
      ends.add(JSON.stringify(whole));
      expect(whole.from || whole.to, `kill ${kill}`).toBe(true);
      // Tried again, it comes to its end.
      if (!whole.to) await moveExport(from, to);
      expect(await isWhole(to)).toBe(true);
      expect((await readdir(other)).sort()).toEqual(["there"]);
      await rm(to, { recursive: true });
      for (const name of await readdir(folder)) {
        if (name.startsWith("whole")) await rm(join(folder, name), { recursive: true });
      }
    }
    expect(ends.size).toBeGreaterThan(1);
  },
);

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
