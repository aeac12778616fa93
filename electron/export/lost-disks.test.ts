import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { StudioError } from "../../src-core/errors.ts";
import { Random } from "../../src-core/random.ts";
import { InProcessEngine } from "../../src-core/test-support/in-process-engine.ts";
import { quickTemporaryFolder } from "../../src-core/test-support/quick-temporary-folder.ts";
import type { ExportResult } from "../api/exports.ts";
import { attemptExport, roles, sha256Of, weightsPath, writeModels } from "./export-attempts.fixture.ts";
import { LoopDisk } from "./loop-disk.fixture.ts";
import { PauseSwitch } from "./pause-switch.ts";

/** Only who may mount has a disk that can be pulled out. */
const hasDisks = LoopDisk.isToBeHad();

/** Cuts of the current; CHAT_VECTOR_CUTS asks for more. */
const cutCount = Number(process.env.CHAT_VECTOR_CUTS ?? 10);

let root = "";
let expected: ExportResult;
let disk: LoopDisk;
let out = "";

beforeAll(async () => {
  root = await mkdtemp(join(quickTemporaryFolder(2 ** 26), "lost-disks-"));
  await writeModels(root);
  expected = await attemptExport(root, join(root, "expected"));
});

afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

beforeEach(() => {
  if (!hasDisks) return;
  disk = new LoopDisk();
  out = join(disk.path, "out");
});

afterEach(() => {
  if (hasDisks) disk.remove();
});

async function expectWholeOutput(what: string): Promise<void> {
  for (const { name, sha256 } of expected.files) expect(await sha256Of(join(out, name)), what).toBe(sha256);
}

/** What lies there is plainly unfinished: not under its name, and no file of it is a model's. */
async function expectPlainlyPartial(what: string): Promise<void> {
  expect(existsSync(out), what).toBe(false);
  for (const { name } of expected.files) {
    const start = await readFile(join(`${out}.partial`, "model", name)).catch(() => Buffer.alloc(8));
    expect(start.subarray(0, 8), what).toEqual(Buffer.alloc(Math.min(8, start.byteLength)));
  }
}

/** An export that pauses at one write, goes on, and is told of another. */
function disturbed(pauseAt: number, disturbAt: number, disturb: () => void) {
  const engine = new InProcessEngine();
  const pause = new PauseSwitch();
  let writes = 0;
  engine.faults = {
    onWrite: async (bytes, write) => {
      writes++;
      if (writes === pauseAt) pause.set(true);
      if (writes === disturbAt) disturb();
      await write(bytes);
    },
  };
  // What pausing has put on the disk for good must be there for good.
  const onPhase = (phase: string) => {
    if (phase === "paused") pause.set(false);
  };
  return attemptExport(root, out, { engine, pause, onPhase });
}

describe.runIf(hasDisks)("an export whose disk loses what was not on it for good", () => {
  test(`goes on to the same bytes, ${cutCount} times of ${cutCount}`, async () => {
    const random = new Random(7);
    let lessThanAll = 0;
    for (let cut = 0; cut < cutCount; cut++) {
      const pauseAt = 1 + random.integer(8);
      const cutAt = pauseAt + 1 + random.integer(8);
      const what = `cut ${cut}: paused at write ${pauseAt}, cut at ${cutAt}`;
      await disturbed(pauseAt, cutAt, () => {
        disk.cut();
        throw new StudioError({ code: "device-failed", what: "The current was cut" });
      }).catch(() => undefined);
      disk.plugIn();
      await expectPlainlyPartial(what);
      const { bytesWritten, files } = await attemptExport(root, out);
      expect(files, what).toEqual(expected.files);
      await expectWholeOutput(what);
      expect((await readdir(disk.path)).sort(), what).toEqual(["lost+found", "out"]);
      if (bytesWritten < expected.bytesWritten) lessThanAll++;
      await rm(out, { recursive: true });
    }
    // What pausing had put on the disk was not written again.
    expect(lessThanAll).toBeGreaterThan(cutCount / 2);
  });

  test("has lost no more than since the last regular sync", async () => {
    const engine = new InProcessEngine();
    engine.syncSeconds = 0;
    let writes = 0;
    engine.faults = {
      onWrite: async (bytes, write) => {
        if (++writes === 12) {
          // One that runs now is over then.
          await new Promise((resolve) => setTimeout(resolve, 200));
          disk.cut();
          throw new StudioError({ code: "device-failed", what: "The current was cut" });
        }
        await write(bytes);
      },
    };
    await attemptExport(root, out, { engine }).catch(() => undefined);
    disk.plugIn();
    await expectPlainlyPartial("regularly");
    const { bytesWritten } = await attemptExport(root, out);
    expect(bytesWritten).toBeLessThan(expected.bytesWritten);
    await expectWholeOutput("regularly");
  });

  test("is whole as soon as it says that it is", async () => {
    await attemptExport(root, out);
    disk.cut();
    disk.plugIn();
    await expectWholeOutput("after the end");
    expect(JSON.parse(await readFile(join(out, "chat-vector.json"), "utf8")).files).toEqual(expected.files);
    // The folder it was made in may have come back, without a model in it: the next export of that name removes it.
    expect(await readdir(`${out}.partial`).catch(() => [])).not.toContain("model");
  });
});

describe.runIf(hasDisks)("a disk that is pulled out", () => {
  test.each([
    ["and still has its folder", () => disk.pull()],
    ["and taken away by the system", () => disk.vanish()],
  ])("under the output, %s, ends the export with what to do, and it goes on when the disk is back", async (_, lose) => {
    const failed = disturbed(4, 9, lose);
    await expect(failed).rejects.toBeInstanceOf(StudioError);
    await expect(failed).rejects.toThrow(/See that the disk is connected.*go on with it by Resume, or --resume/);
    disk.plugIn();
    await expectPlainlyPartial("pulled");
    const { bytesWritten } = await attemptExport(root, out);
    expect(bytesWritten).toBeLessThan(expected.bytesWritten);
    await expectWholeOutput("pulled");
  });

  test("under the output is noticed at the next regular sync, not at the end", async () => {
    const engine = new InProcessEngine();
    engine.syncSeconds = 0;
    let writes = 0;
    engine.faults = {
      onWrite: async (bytes, write) => {
        if (++writes === 3) disk.pull();
        if (writes > 3) await new Promise((resolve) => setTimeout(resolve, 50));
        await write(bytes);
      },
    };
    const failed = attemptExport(root, out, { engine });
    await expect(failed).rejects.toMatchObject({ failure: { code: "write-failed" } });
    expect(writes).toBeLessThan(12);
  });

  test("under a model ends the export with what to do, and it goes on when the disk is back", async () => {
    await writeModels(disk.path, 4096);
    const hashes = await Promise.all(roles.map((role) => sha256Of(weightsPath(disk.path, role))));
    const large = () => new InProcessEngine(16);
    const undisturbed = await attemptExport(disk.path, join(root, "undisturbed"), { engine: large() });
    // So that nothing of them is in memory.
    disk.unmount();
    disk.mount();
    const target = join(root, "disturbed");
    const engine = large();
    let reads = 0;
    engine.faults = {
      onRead: async () => {
        if (++reads === 20) disk.pull();
      },
    };
    const failed = attemptExport(disk.path, target, { engine });
    await expect(failed).rejects.toMatchObject({ failure: { code: "read-failed" } });
    await expect(failed).rejects.toThrow(/EIO.*go on with it by Resume/);
    disk.plugIn();
    const { bytesWritten } = await attemptExport(disk.path, target, { engine: large() });
    expect(bytesWritten).toBeLessThan(undisturbed.bytesWritten);
    for (const { name, sha256 } of undisturbed.files) expect(await sha256Of(join(target, name))).toBe(sha256);
    expect(await Promise.all(roles.map((role) => sha256Of(weightsPath(disk.path, role))))).toEqual(hashes);
  });
});
