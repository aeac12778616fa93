import { cpSync, existsSync, utimesSync } from "node:fs";
import {
  appendFile,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { FileSink } from "../../renderer/engine/file-host.ts";
import { JournalFile } from "../../renderer/engine/journal-file.ts";
import { type ErrorCode, StudioError } from "../../src-core/errors.ts";
import { Random } from "../../src-core/random.ts";
import { InProcessEngine } from "../../src-core/test-support/in-process-engine.ts";
import { randomWeights } from "../../src-core/test-support/memory-files.ts";
import { quickTemporaryFolder } from "../../src-core/test-support/quick-temporary-folder.ts";
import type { ExportResult } from "../api/exports.ts";
import { Interruption } from "../engine/interruption.ts";
import { type Attempt, attemptExport, roles, sha256Of, weightsPath, writeModels } from "./export-attempts.fixture.ts";
import { ExportWorkspace } from "./export-workspace.ts";
import { OutputFollower } from "./output-follower.ts";
import { PauseSwitch } from "./pause-switch.ts";
import { findUnfinished } from "./unfinished-export.ts";
import { inAnotherSession } from "./workspace.fixture.ts";

/** Exports that are stopped; CHAT_VECTOR_STOPS asks for more. */
const stopCount = Number(process.env.CHAT_VECTOR_STOPS ?? 200);

/** These exports wait for nothing but fsync, hundreds of times. */
const temporary = quickTemporaryFolder(64 * 2 ** 20);

let root = "";
/** What an export that nothing disturbs gives: every test's outputs must equal it. */
let expected: ExportResult;
let modelHashes: Record<string, string> = {};

const weights = (role: (typeof roles)[number]) => weightsPath(root, role);
const attempt = (output: string, options?: Attempt) => attemptExport(root, output, options);

let work = "";
let out = "";

beforeAll(async () => {
  root = await mkdtemp(join(temporary, "interrupted-models-"));
  await writeModels(root);
  expected = await attempt(join(root, "expected"));
  modelHashes = Object.fromEntries(await Promise.all(roles.map(async (role) => [role, await sha256Of(weights(role))])));
});

beforeEach(async () => {
  work = await mkdtemp(join(temporary, "interrupted-exports-"));
  out = join(work, "out");
});

afterEach(async () => {
  await rm(work, { recursive: true, force: true });
  // Sources are only read, whatever happens.
  for (const role of roles) expect(await sha256Of(weights(role)), role).toBe(modelHashes[role]);
});

afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

async function expectWholeOutput(): Promise<void> {
  for (const { name, sha256: hash } of expected.files) expect(await sha256Of(join(out, name)), name).toBe(hash);
  expect(await readdir(work)).toEqual(["out"]);
}

/** What lies there is plainly unfinished: not under its name, and no file of it is a model's. */
async function expectPlainlyPartial(): Promise<void> {
  expect(existsSync(out)).toBe(false);
  for (const { name } of expected.files) {
    const path = join(`${out}.partial`, "model", name);
    if (existsSync(path)) expect((await readFile(path)).subarray(0, 8)).toEqual(Buffer.alloc(8));
  }
}

const failsWith = (code: ErrorCode) => expect.objectContaining({ failure: expect.objectContaining({ code }) });

/** The system refuses one write, as Node tells of it. */
function refusal(code: string): Error {
  return Object.assign(new Error(`${code}: injected, write`), { code });
}

describe("an export that dies at any write", () => {
  test(
    `goes on to the same bytes, having lost no more than was in flight, ${stopCount} times of ${stopCount}`,
    async () => {
      const total = expected.files.reduce((sum, { bytes }) => sum + bytes, 0);
      const random = new Random(5);
      for (let stop = 0; stop < stopCount; stop++) {
        const seed = `stop ${stop}`;
        let written = 0;
        let result: ExportResult | null = null;
        let deaths = 0;
        while (result === null) {
          const engine = new InProcessEngine();
          // The last of several deaths in a row is followed by a start that lives.
          let writesLeft = deaths < 1 + random.integer(2) ? random.integer(30) : Number.POSITIVE_INFINITY;
          engine.faults = {
            onWrite: async (bytes, write) => {
              if (writesLeft-- > 0) {
                await write(bytes);
                written += bytes.byteLength;
                return;
              }
              // As a killed process leaves it: a write half done, and nothing tidied up.
              await write(bytes.subarray(0, random.integer(bytes.byteLength)));
              if (!existsSync(join(work, "as-killed"))) {
                cpSync(`${out}.partial`, join(work, "as-killed"), { recursive: true });
              }
              throw refusal("EIO");
            },
          };
          result = await attempt(out, { engine }).catch(async (error: unknown) => {
            expect(error, seed).toBeInstanceOf(StudioError);
            deaths++;
            await rm(`${out}.partial`, { recursive: true, force: true });
            await rename(join(work, "as-killed"), `${out}.partial`);
            const journal = join(`${out}.partial`, "journal");
            if (random.integer(2) === 0) await appendFile(journal, randomWeights(random.integer(40), stop));
            await expectPlainlyPartial();
            return null;
          });
        }
        expect(result.files, seed).toEqual(expected.files);
        await expectWholeOutput();
        expect(written, seed).toBeLessThanOrEqual(total + deaths * InProcessEngine.bytesInFlight);
        await rm(out, { recursive: true });
      }
    },
    600_000 * Math.ceil(stopCount / 200),
  );
});

describe("what the system refuses while an export writes", () => {
  for (const [errno, code] of [
    ["ENOSPC", "output-space"],
    ["EACCES", "output-permission"],
    ["EIO", "write-failed"],
  ] as const) {
    test(`(${errno}) ends it with what to do, and it goes on afterwards`, async () => {
      const engine = new InProcessEngine();
      let writes = 0;
      engine.faults = {
        onWrite: async (bytes, write) => {
          if (writes++ < 6) return write(bytes);
          const { writeFailure } = await import("../../renderer/engine/write-failure.ts");
          throw writeFailure(out, refusal(errno));
        },
      };
      const failed = attempt(out, { engine });
      await expect(failed).rejects.toEqual(failsWith(code));
      await expect(failed).rejects.toThrow(/go on with it by Resume, or --resume/);
      await expectPlainlyPartial();
      const { bytesWritten } = await attempt(out);
      // A disk that failed may have lost what it had accepted before: none of that is trusted.
      if (errno === "EIO") expect(bytesWritten).toBe(expected.bytesWritten);
      else expect(bytesWritten).toBeLessThan(expected.bytesWritten);
      await expectWholeOutput();
    });
  }

  test("does not hide an unfinished export from who asks for a new one", async () => {
    await leaveUnfinished();
    await expect(attempt(out, { unfinished: "refuse" })).rejects.toEqual(failsWith("output-exists"));
    await attempt(out, { unfinished: "replace" });
    await expectWholeOutput();
  });
});

/** An export that was stopped by the user in its middle. */
async function leaveUnfinished(): Promise<void> {
  const abort = new AbortController();
  const engine = new InProcessEngine();
  let writes = 0;
  engine.faults = {
    onWrite: (bytes, write) => {
      if (++writes === 6) abort.abort(new Interruption(true));
      return write(bytes);
    },
  };
  await expect(attempt(out, { engine, abort })).rejects.toEqual(failsWith("interrupted"));
  expect((await findUnfinished(out))?.bytesWritten).toBeGreaterThan(0);
}

test("what the user stops is on the disk for good, and free for another program", async () => {
  await leaveUnfinished();
  expect(await readdir(`${out}.partial`)).not.toContain("lock");
  await inAnotherSession(out);
  expect((await findUnfinished(out))?.bytesWritten).toBeGreaterThan(0);
});

describe("a disk that has told only who follows the writing that it refused something", () => {
  const refusal = new StudioError({ code: "write-failed", what: "The disk did not take what was written" });

  afterEach(() => {
    vi.restoreAllMocks();
  });

  /** Whatever was written by then is written once more. */
  async function expectNothingBelieved(): Promise<void> {
    vi.restoreAllMocks();
    await expectPlainlyPartial();
    expect((await attempt(out)).bytesWritten).toBe(expected.bytesWritten);
    await expectWholeOutput();
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
    await expect(attempt(out, { engine, pause })).rejects.toEqual(failsWith("write-failed"));
    await expectNothingBelieved();
  });

  test("is not believed at the end", async () => {
    vi.spyOn(OutputFollower.prototype, "finish").mockRejectedValue(refusal);
    await expect(attempt(out)).rejects.toEqual(failsWith("write-failed"));
    vi.restoreAllMocks();
    expect((await attempt(out)).bytesWritten).toBe(expected.bytesWritten);
    await expectWholeOutput();
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
    await expect(attempt(out, { engine, abort })).rejects.toEqual(failsWith("interrupted"));
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
    await expect(attempt(out, { engine })).rejects.toEqual(failsWith("write-failed"));
    await expectPlainlyPartial();
  });

  test("by the journal fails the export", async () => {
    vi.spyOn(JournalFile.prototype, "record").mockRejectedValue(refusal);
    await expect(attempt(out)).rejects.toEqual(failsWith("write-failed"));
    expect(await readdir(work)).toEqual([]);
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
  await expect(attempt(out)).rejects.toEqual(failsWith("not-safetensors"));
  expect(existsSync(out)).toBe(false);
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
  await expect(attempt(out, { engine })).rejects.toEqual(failsWith("verification-failed"));
  expect(written).toBeLessThan(expected.bytesWritten);
  expect(await readdir(work)).toEqual([]);
});

test("what cannot be read back ends an export while the rest is still being merged, and is gone on with", async () => {
  const engine = new InProcessEngine();
  let written = 0;
  engine.faults = {
    onWrite: async (bytes, write) => {
      // The second file is opened to be followed when the first one is written.
      if (written === 0) await rm(join(`${out}.partial`, "model", expected.files[1]?.name ?? ""));
      written += bytes.byteLength;
      await write(bytes);
      await new Promise((resolve) => setTimeout(resolve, 80));
    },
  };
  await expect(attempt(out, { engine })).rejects.toEqual(failsWith("write-failed"));
  expect(written).toBeLessThan(expected.bytesWritten);
  await expectPlainlyPartial();
  await attempt(out);
  await expectWholeOutput();
});

describe("a source that fails", () => {
  test("for a moment costs nothing but the time", async () => {
    const engine = new InProcessEngine();
    let reads = 0;
    engine.faults = {
      onRead: async () => {
        if (++reads > 20) throw new StudioError({ code: "read-failed", what: "Reading failed" });
      },
    };
    await expect(attempt(out, { engine })).rejects.toEqual(failsWith("read-failed"));
    await expectPlainlyPartial();
    await attempt(out);
    await expectWholeOutput();
  });

  const changes: Record<string, (path: string) => Promise<void>> = {
    "is cut": (path) => truncate(path, 2000),
    grows: (path) => appendFile(path, "more"),
    "is written anew with the same size": async (path) => {
      const bytes = await readFile(path);
      await writeFile(path, bytes.fill(1, 5_000, 5_100));
      await utimes(path, new Date(), new Date(1e12));
    },
    "is replaced": async (path) => {
      await writeFile(`${path}.new`, await readFile(path));
      await rename(`${path}.new`, path);
    },
  };
  for (const [what, change] of Object.entries(changes)) {
    test(`because it ${what} gives no model of two states`, async () => {
      const original = await readFile(weights("chat"));
      const engine = new InProcessEngine();
      let writes = 0;
      engine.faults = {
        onWrite: async (bytes, write) => {
          if (++writes === 6) await change(weights("chat"));
          await write(bytes);
        },
      };
      try {
        await expect(attempt(out, { engine })).rejects.toEqual(failsWith("checkpoint-changed"));
        expect(await readdir(work)).toEqual([]);
      } finally {
        await writeFile(weights("chat"), original);
      }
    });
  }
});

test("a source that is changed in its place is told of as such, while the rest is still being merged", async () => {
  const original = await readFile(weights("chat"));
  const engine = new InProcessEngine();
  let written = 0;
  engine.faults = {
    onWrite: async (bytes, write) => {
      // Behind the header; what is computed again of it is other elements than those that were written.
      if (written === 0) await writeInPlace(weights("chat"), Buffer.alloc(original.length - 1000, 1), 1000);
      written += bytes.byteLength;
      await write(bytes);
      await new Promise((resolve) => setTimeout(resolve, 80));
    },
  };
  try {
    await expect(attempt(out, { engine })).rejects.toEqual(failsWith("checkpoint-changed"));
    expect(written).toBeLessThan(expected.bytesWritten);
    expect(await readdir(work)).toEqual([]);
  } finally {
    await writeFile(weights("chat"), original);
  }
});

async function writeInPlace(path: string, bytes: Buffer, byteOffset: number): Promise<void> {
  const file = await open(path, "r+");
  await file.write(bytes, 0, bytes.byteLength, byteOffset);
  await file.close();
}

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
    await expect(attempt(out, { engine })).rejects.toEqual(failsWith("verification-failed"));
    expect(await readdir(work)).toEqual([]);
  });
});

describe("a source that changed", () => {
  test("between the plan and the reading is not read at all", async () => {
    const modified = (await stat(weights("chat"))).mtime;
    const engine = new InProcessEngine();
    let reads = 0;
    engine.faults = {
      onRead: async () => {
        reads++;
      },
    };
    const touch = (phase: string) => {
      if (phase === "merging") utimesSync(weights("chat"), modified, new Date(1e12));
    };
    try {
      await expect(attempt(out, { engine, onPhase: touch })).rejects.toEqual(failsWith("checkpoint-changed"));
      expect(reads).toBe(0);
    } finally {
      utimesSync(weights("chat"), modified, modified);
    }
  });
});

describe("what computes", () => {
  const lost = new StudioError({ code: "device-lost", what: "The GPU is gone" });

  test("may be lost again and again: the export goes on by itself", async () => {
    const engine = new InProcessEngine();
    let writes = 0;
    engine.faults = {
      onWrite: async (bytes, write) => {
        if (++writes % 4 === 0) throw lost;
        await write(bytes);
      },
    };
    const { files } = await attempt(out, { engine });
    expect(files).toEqual(expected.files);
    expect(engine.starts).toBeGreaterThan(4);
    await expectWholeOutput();
  });

  test("is asked to be of the kind that began it, whichever would be taken now", async () => {
    await leaveUnfinished();
    const engine = new InProcessEngine();
    engine.backend = "auto";
    await attempt(out, { engine });
    expect(engine.insistedOn).toBe("cpu");
    await expectWholeOutput();
  });

  test("is given up when it dies at every start, and what was written is kept", async () => {
    const engine = new InProcessEngine();
    let writes = 0;
    engine.faults = {
      onWrite: async (bytes, write) => {
        if (++writes > 6) throw lost;
        await write(bytes);
      },
    };
    await expect(attempt(out, { engine })).rejects.toEqual(failsWith("device-lost"));
    expect(engine.starts).toBeLessThan(6);
    await attempt(out);
    await expectWholeOutput();
  });
});

describe("an unfinished export does not go on", () => {
  /** One that can be set again. */
  const before = new Date(1.5e12);

  beforeEach(async () => {
    await utimes(weights("base"), before, before);
    await leaveUnfinished();
  });

  const refuses = async (options: Attempt, words: RegExp) => {
    const refused = attempt(out, options);
    await expect(refused).rejects.toEqual(failsWith("resume-refused"));
    await expect(refused).rejects.toThrow(words);
    // It is still there for the right ones.
    await attempt(out);
    await expectWholeOutput();
  };

  test("in another version", () => refuses({ version: "1.0.1" }, /another version/));
  test("with another plan", async () => {
    const path = join(`${out}.partial`, "chat-vector-partial.json");
    const record = await readFile(path, "utf8");
    // As another way of planning, or another layout, would have left it.
    await writeFile(path, JSON.stringify({ ...JSON.parse(record), plan: "0".repeat(64) }));
    await expect(attempt(out)).rejects.toThrow(/another plan/);
    await writeFile(path, record);
    await attempt(out);
    await expectWholeOutput();
  });
  test("with another recipe", () => refuses({ scale: 0.8 }, /another recipe/));
  test("on another device", async () => {
    const engine = new InProcessEngine();
    Object.assign(engine, { kind: "gpu", adapter: "Some GPU" });
    await refuses({ engine }, /another device/);
  });
  test("on another kind of device, even one that was asked for", async () => {
    const engine = new InProcessEngine();
    engine.backend = "gpu";
    await refuses({ engine }, /another device/);
  });
  test("on another GPU", async () => {
    const path = join(`${out}.partial`, "chat-vector-partial.json");
    const record = JSON.parse(await readFile(path, "utf8"));
    const made = { ...record, backend: { kind: "gpu", adapter: "Some GPU" } };
    await writeFile(path, JSON.stringify(made));
    const engine = new InProcessEngine();
    Object.assign(engine, { backend: "auto", kind: "gpu", adapter: "Another GPU" });
    await expect(attempt(out, { engine })).rejects.toThrow(/another device.*expected Some GPU.*Another GPU/);
    await writeFile(path, JSON.stringify(record));
    await attempt(out);
    await expectWholeOutput();
  });
  test.each([
    ["of which only the content changed", (bytes: Buffer) => bytes.fill(1, bytes.length - 100), before],
    ["of which only the time changed", (bytes: Buffer) => bytes, new Date(1e12)],
  ])("with a model %s", async (_, change, time) => {
    const original = await readFile(weights("base"));
    await writeFile(weights("base"), change(Buffer.from(original)));
    await utimes(weights("base"), time, time);
    await expect(attempt(out)).rejects.toThrow(/A model was changed since it was begun.*base/);
    await writeFile(weights("base"), original);
    await utimes(weights("base"), before, before);
    await attempt(out);
    await expectWholeOutput();
  });
});

describe("the user", () => {
  test("pauses and goes on, as often as wanted", async () => {
    const pause = new PauseSwitch();
    const phases: string[] = [];
    const engine = new InProcessEngine();
    let writes = 0;
    engine.faults = {
      onWrite: async (bytes, write) => {
        if (++writes % 8 === 0) pause.set(true);
        await write(bytes);
      },
    };
    const onPhase = (phase: string) => {
      phases.push(phase);
      if (phase === "paused") setTimeout(() => pause.set(false), 5);
    };
    const { files, bytesWritten, bytesRead } = await attempt(out, { engine, pause, onPhase });
    expect(files).toEqual(expected.files);
    expect(phases.filter((phase) => phase === "paused").length).toBeGreaterThan(1);
    expect(bytesWritten).toBe(expected.bytesWritten);
    expect(bytesRead).toBe(expected.bytesRead);
    await expectWholeOutput();
  });

  test("cancels while the last of it is verified, and nothing is left behind", async () => {
    const abort = new AbortController();
    const onPhase = (phase: string) => {
      if (phase === "verifying") abort.abort(new Interruption(false));
    };
    await expect(attempt(out, { abort, onPhase })).rejects.toEqual(failsWith("interrupted"));
    expect(await readdir(work)).toEqual([]);
  });

  test("cancels, paused or not, and nothing is left behind", async () => {
    for (const paused of [false, true]) {
      const abort = new AbortController();
      const pause = new PauseSwitch();
      const engine = new InProcessEngine();
      let writes = 0;
      engine.faults = {
        onWrite: async (bytes, write) => {
          if (++writes === 6) paused ? pause.set(true) : abort.abort(new Interruption(false));
          await write(bytes);
        },
      };
      const onPhase = (phase: string) => {
        if (phase === "paused") abort.abort(new Interruption(false));
      };
      await expect(attempt(out, { engine, abort, pause, onPhase })).rejects.toEqual(failsWith("interrupted"));
      expect(await readdir(work)).toEqual([]);
    }
  });
});
