import { existsSync } from "node:fs";
import { open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { FileSink } from "../../renderer/engine/file-host.ts";
import { JournalFile } from "../../renderer/engine/journal-file.ts";
import { StudioError } from "../../src-core/errors.ts";
import { InProcessEngine } from "../../src-core/test-support/in-process-engine.ts";
import { Interruption } from "../engine/interruption.ts";
import { ExportWorkspace } from "./export-workspace.ts";
import { failsWith, giveExports } from "./given-exports.fixture.ts";
import { OutputFollower } from "./output-follower.ts";
import { PauseSwitch } from "./pause-switch.ts";

const given = giveExports();

describe("a disk that has told only who follows the writing that it refused something", () => {
  const refusal = new StudioError({ code: "write-failed", what: "The disk did not take what was written" });

  afterEach(() => {
    vi.restoreAllMocks();
  });

  /** Whatever was written by then is written once more. */
  async function expectNothingBelieved(): Promise<void> {
    vi.restoreAllMocks();
    await given.expectPlainlyPartial();
    expect((await given.attempt(given.out)).bytesWritten).toBe(given.expected.bytesWritten);
    await given.expectWholeOutput();
  }

  test("is not believed when the export pauses", async () => {
    vi.spyOn(OutputFollower.prototype, "rest").mockRejectedValue(refusal);
    const pause = new PauseSwitch();
    const engine = new InProcessEngine();
    let writes = 0;
    engine.faults = {
      onWrite: async (bytes, write) => {
        if (++writes === 6) pause.set(true);
        await write(bytes);
      },
    };
    await expect(given.attempt(given.out, { engine, pause })).rejects.toEqual(failsWith("write-failed"));
    await expectNothingBelieved();
  });

  test("is not believed at the end", async () => {
    vi.spyOn(OutputFollower.prototype, "finish").mockRejectedValue(refusal);
    await expect(given.attempt(given.out)).rejects.toEqual(failsWith("write-failed"));
    vi.restoreAllMocks();
    expect((await given.attempt(given.out)).bytesWritten).toBe(given.expected.bytesWritten);
    await given.expectWholeOutput();
  });

  test("is not believed when the user stops the export, to go on later", async () => {
    vi.spyOn(OutputFollower.prototype, "failure", "get").mockReturnValue(refusal);
    const abort = new AbortController();
    const engine = new InProcessEngine();
    let writes = 0;
    engine.faults = {
      onWrite: (bytes, write) => {
        if (++writes === 6) abort.abort(new Interruption(true));
        return write(bytes);
      },
    };
    await expect(given.attempt(given.out, { engine, abort })).rejects.toEqual(failsWith("interrupted"));
    await expectNothingBelieved();
  });
});

describe("what the engine is refused beside the writing", () => {
  const refusal = new StudioError({ code: "write-failed", what: "The disk did not take what was written" });

  afterEach(() => {
    vi.restoreAllMocks();
  });

  test("by a regular sync that is not over before the last write fails the export all the same", async () => {
    vi.spyOn(FileSink.prototype, "sync").mockImplementation(async () => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      throw refusal;
    });
    const engine = new InProcessEngine();
    engine.syncSeconds = 0;
    await expect(given.attempt(given.out, { engine })).rejects.toEqual(failsWith("write-failed"));
    await given.expectPlainlyPartial();
  });

  test("by the journal fails the export", async () => {
    vi.spyOn(JournalFile.prototype, "record").mockRejectedValue(refusal);
    await expect(given.attempt(given.out)).rejects.toEqual(failsWith("write-failed"));
    expect(await readdir(given.work)).toEqual([]);
  });
});

test("a header that the disk has changed fails the export", async () => {
  const writeHeaders = ExportWorkspace.prototype.writeHeaders;
  vi.spyOn(ExportWorkspace.prototype, "writeHeaders").mockImplementation(async function (this: ExportWorkspace) {
    await writeHeaders.call(this);
    const file = await open(this.filePaths[1] ?? "", "r+");
    await file.write(Buffer.from("["), 0, 1, 8);
    await file.close();
  });
  await expect(given.attempt(given.out)).rejects.toEqual(failsWith("not-safetensors"));
  expect(existsSync(given.out)).toBe(false);
  vi.restoreAllMocks();
});

test("what a disk has changed is noticed while the rest is still being merged, and nothing of it is kept", async () => {
  const engine = new InProcessEngine();
  let written = 0;
  engine.faults = {
    onWrite: async (bytes, write) => {
      // Every value of the first file has another sign.
      const changed = written < 4000 ? bytes.map((byte, at) => (at % 2 === 1 ? byte ^ 0x80 : byte)) : bytes;
      written += bytes.byteLength;
      await write(changed);
      await new Promise((resolve) => setTimeout(resolve, 80));
    },
  };
  await expect(given.attempt(given.out, { engine })).rejects.toEqual(failsWith("verification-failed"));
  expect(written).toBeLessThan(given.expected.bytesWritten);
  expect(await readdir(given.work)).toEqual([]);
});

test("what cannot be read back ends an export while the rest is still being merged, and is gone on with", async () => {
  const engine = new InProcessEngine();
  let written = 0;
  engine.faults = {
    onWrite: async (bytes, write) => {
      // The second file is opened to be followed when the first one is written.
      if (written === 0) await rm(join(`${given.out}.partial`, "model", given.expected.files[1]?.name ?? ""));
      written += bytes.byteLength;
      await write(bytes);
      await new Promise((resolve) => setTimeout(resolve, 80));
    },
  };
  await expect(given.attempt(given.out, { engine })).rejects.toEqual(failsWith("write-failed"));
  expect(written).toBeLessThan(given.expected.bytesWritten);
  await given.expectPlainlyPartial();
  await given.attempt(given.out);
  await given.expectWholeOutput();
});

describe("what is written wrong", () => {
  test("by one bit is found by computing it again, and nothing of it is kept", async () => {
    const engine = new InProcessEngine();
    let writes = 0;
    engine.faults = {
      onWrite: (bytes, write) => {
        if (++writes !== 6) return write(bytes);
        const wrong = bytes.slice();
        wrong[101] = (wrong[101] ?? 0) ^ 0x40;
        return write(wrong);
      },
    };
    await expect(given.attempt(given.out, { engine })).rejects.toEqual(failsWith("verification-failed"));
    expect(await readdir(given.work)).toEqual([]);
  });
});
