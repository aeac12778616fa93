import { cpSync, existsSync } from "node:fs";
import { appendFile, readdir, readFile, rename, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { StudioError } from "../../src-core/errors.ts";
import { Random } from "../../src-core/random.ts";
import { InProcessEngine } from "../../src-core/test-support/in-process-engine.ts";
import { randomWeights } from "../../src-core/test-support/memory-files.ts";
import type { ExportResult } from "../api/exports.ts";
import { Interruption } from "../engine/interruption.ts";
import type { Attempt } from "./export-attempts.fixture.ts";
import { failsWith, giveExports } from "./given-exports.fixture.ts";
import { PauseSwitch } from "./pause-switch.ts";
import { findUnfinished } from "./unfinished-export.ts";
import { inAnotherSession } from "./workspace.fixture.ts";

/** Exports that are stopped; CHAT_VECTOR_STOPS asks for more. */
const stopCount = Number(process.env.CHAT_VECTOR_STOPS ?? 200);

const given = giveExports();

/** The system refuses one write, as Node tells of it. */
function refusal(code: string): Error {
  return Object.assign(new Error(`${code}: injected, write`), { code });
}

describe("an export that dies at any write", () => {
  test(
    `goes on to the same bytes, having lost no more than was in flight, ${stopCount} times of ${stopCount}`,
    async () => {
      const total = given.expected.files.reduce((sum, { bytes }) => sum + bytes, 0);
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
              if (!existsSync(join(given.work, "as-killed"))) {
                cpSync(`${given.out}.partial`, join(given.work, "as-killed"), { recursive: true });
              }
              throw refusal("EIO");
            },
          };
          result = await given.attempt(given.out, { engine }).catch(async (error: unknown) => {
            expect(error, seed).toBeInstanceOf(StudioError);
            deaths++;
            await rm(`${given.out}.partial`, { recursive: true, force: true });
            await rename(join(given.work, "as-killed"), `${given.out}.partial`);
            const journal = join(`${given.out}.partial`, "journal");
            if (random.integer(2) === 0) await appendFile(journal, randomWeights(random.integer(40), stop));
            await given.expectPlainlyPartial();
            return null;
          });
        }
        expect(result.files, seed).toEqual(given.expected.files);
        await given.expectWholeOutput();
        expect(written, seed).toBeLessThanOrEqual(total + deaths * InProcessEngine.bytesInFlight);
        await rm(given.out, { recursive: true });
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
          throw writeFailure(given.out, refusal(errno));
        },
      };
      const failed = given.attempt(given.out, { engine });
      await expect(failed).rejects.toEqual(failsWith(code));
      await expect(failed).rejects.toThrow(/go on with it by Resume, or --resume/);
      await given.expectPlainlyPartial();
      const { bytesWritten } = await given.attempt(given.out);
      // A disk that failed may have lost what it had accepted before: none of that is trusted.
      if (errno === "EIO") expect(bytesWritten).toBe(given.expected.bytesWritten);
      else expect(bytesWritten).toBeLessThan(given.expected.bytesWritten);
      await given.expectWholeOutput();
    });
  }

  test("does not hide an unfinished export from who asks for a new one", async () => {
    await given.leaveUnfinished();
    await expect(given.attempt(given.out, { unfinished: "refuse" })).rejects.toEqual(failsWith("output-exists"));
    await given.attempt(given.out, { unfinished: "replace" });
    await given.expectWholeOutput();
  });
});

test("what the user stops is on the disk for good, and free for another program", async () => {
  await given.leaveUnfinished();
  expect(await readdir(`${given.out}.partial`)).not.toContain("lock");
  await inAnotherSession(given.out);
  expect((await findUnfinished(given.out))?.bytesWritten).toBeGreaterThan(0);
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
    const { files } = await given.attempt(given.out, { engine });
    expect(files).toEqual(given.expected.files);
    expect(engine.starts).toBeGreaterThan(4);
    await given.expectWholeOutput();
  });

  test("is asked to be of the kind that began it, whichever would be taken now", async () => {
    await given.leaveUnfinished();
    const engine = new InProcessEngine();
    engine.backend = "auto";
    await given.attempt(given.out, { engine });
    expect(engine.insistedOn).toBe("cpu");
    await given.expectWholeOutput();
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
    await expect(given.attempt(given.out, { engine })).rejects.toEqual(failsWith("device-lost"));
    expect(engine.starts).toBeLessThan(6);
    await given.attempt(given.out);
    await given.expectWholeOutput();
  });
});

describe("an unfinished export does not go on", () => {
  /** One that can be set again. */
  const before = new Date(1.5e12);

  beforeEach(async () => {
    await utimes(given.weights("base"), before, before);
    await given.leaveUnfinished();
  });

  const refuses = async (options: Attempt, words: RegExp) => {
    const refused = given.attempt(given.out, options);
    await expect(refused).rejects.toEqual(failsWith("resume-refused"));
    await expect(refused).rejects.toThrow(words);
    // It is still there for the right ones.
    await given.attempt(given.out);
    await given.expectWholeOutput();
  };

  test("in another version", () => refuses({ version: "1.0.1" }, /another version/));
  test("with another plan", async () => {
    const path = join(`${given.out}.partial`, "chat-vector-partial.json");
    const record = await readFile(path, "utf8");
    // As another way of planning, or another layout, would have left it.
    await writeFile(path, JSON.stringify({ ...JSON.parse(record), plan: "0".repeat(64) }));
    await expect(given.attempt(given.out)).rejects.toThrow(/another plan/);
    await writeFile(path, record);
    await given.attempt(given.out);
    await given.expectWholeOutput();
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
    const path = join(`${given.out}.partial`, "chat-vector-partial.json");
    const record = JSON.parse(await readFile(path, "utf8"));
    const made = { ...record, backend: { kind: "gpu", adapter: "Some GPU" } };
    await writeFile(path, JSON.stringify(made));
    const engine = new InProcessEngine();
    Object.assign(engine, { backend: "auto", kind: "gpu", adapter: "Another GPU" });
    await expect(given.attempt(given.out, { engine })).rejects.toThrow(
      /another device.*expected Some GPU.*Another GPU/,
    );
    await writeFile(path, JSON.stringify(record));
    await given.attempt(given.out);
    await given.expectWholeOutput();
  });
  test.each([
    ["of which only the content changed", (bytes: Buffer) => bytes.fill(1, bytes.length - 100), before],
    ["of which only the time changed", (bytes: Buffer) => bytes, new Date(1e12)],
  ])("with a model %s", async (_, change, time) => {
    const original = await readFile(given.weights("base"));
    await writeFile(given.weights("base"), change(Buffer.from(original)));
    await utimes(given.weights("base"), time, time);
    await expect(given.attempt(given.out)).rejects.toThrow(/A model was changed since it was begun.*base/);
    await writeFile(given.weights("base"), original);
    await utimes(given.weights("base"), before, before);
    await given.attempt(given.out);
    await given.expectWholeOutput();
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
    const { files, bytesWritten, bytesRead } = await given.attempt(given.out, { engine, pause, onPhase });
    expect(files).toEqual(given.expected.files);
    expect(phases.filter((phase) => phase === "paused").length).toBeGreaterThan(1);
    expect(bytesWritten).toBe(given.expected.bytesWritten);
    expect(bytesRead).toBe(given.expected.bytesRead);
    await given.expectWholeOutput();
  });

  test("cancels while the last of it is verified, and nothing is left behind", async () => {
    const abort = new AbortController();
    const onPhase = (phase: string) => {
      if (phase === "verifying") abort.abort(new Interruption(false));
    };
    await expect(given.attempt(given.out, { abort, onPhase })).rejects.toEqual(failsWith("interrupted"));
    expect(await readdir(given.work)).toEqual([]);
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
      await expect(given.attempt(given.out, { engine, abort, pause, onPhase })).rejects.toEqual(
        failsWith("interrupted"),
      );
      expect(await readdir(given.work)).toEqual([]);
    }
  });
});
