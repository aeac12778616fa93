import { utimesSync } from "node:fs";
import { appendFile, open, readdir, readFile, rename, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { StudioError } from "../../src-core/errors.ts";
import { InProcessEngine } from "../../src-core/test-support/in-process-engine.ts";
import { failsWith, giveExports } from "./given-exports.fixture.ts";

const given = giveExports();

describe("a source that fails", () => {
  test("for a moment costs nothing but the time", async () => {
    const engine = new InProcessEngine();
    let reads = 0;
    engine.faults = {
      onRead: async () => {
        if (++reads > 20) throw new StudioError({ code: "read-failed", what: "Reading failed" });
      },
    };
    await expect(given.attempt(given.out, { engine })).rejects.toEqual(failsWith("read-failed"));
    await given.expectPlainlyPartial();
    await given.attempt(given.out);
    await given.expectWholeOutput();
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
      const original = await readFile(given.weights("chat"));
      const engine = new InProcessEngine();
      let writes = 0;
      engine.faults = {
        onWrite: async (bytes, write) => {
          if (++writes === 6) await change(given.weights("chat"));
          await write(bytes);
        },
      };
      try {
        await expect(given.attempt(given.out, { engine })).rejects.toEqual(failsWith("checkpoint-changed"));
        expect(await readdir(given.work)).toEqual([]);
      } finally {
        await writeFile(given.weights("chat"), original);
      }
    });
  }
});

test("a source that is changed in its place is told of as such, while the rest is still being merged", async () => {
  const original = await readFile(given.weights("chat"));
  const engine = new InProcessEngine();
  let written = 0;
  engine.faults = {
    onWrite: async (bytes, write) => {
      // Behind the header; what is computed again of it is other elements than those that were written.
      if (written === 0) await writeInPlace(given.weights("chat"), Buffer.alloc(original.length - 1000, 1), 1000);
      written += bytes.byteLength;
      await write(bytes);
      await new Promise((resolve) => setTimeout(resolve, 80));
    },
  };
  try {
    await expect(given.attempt(given.out, { engine })).rejects.toEqual(failsWith("checkpoint-changed"));
    expect(written).toBeLessThan(given.expected.bytesWritten);
    expect(await readdir(given.work)).toEqual([]);
  } finally {
    await writeFile(given.weights("chat"), original);
  }
});

describe("a source that changed", () => {
  test("between the plan and the reading is not read at all", async () => {
    const modified = (await stat(given.weights("chat"))).mtime;
    const engine = new InProcessEngine();
    let reads = 0;
    engine.faults = {
      onRead: async () => {
        reads++;
      },
    };
    const touch = (phase: string) => {
      if (phase === "merging") utimesSync(given.weights("chat"), modified, new Date(1e12));
    };
    try {
      await expect(given.attempt(given.out, { engine, onPhase: touch })).rejects.toEqual(
        failsWith("checkpoint-changed"),
      );
      expect(reads).toBe(0);
    } finally {
      utimesSync(given.weights("chat"), modified, modified);
    }
  });
});

async function writeInPlace(path: string, bytes: Buffer, byteOffset: number): Promise<void> {
  const file = await open(path, "r+");
  await file.write(bytes, 0, bytes.byteLength, byteOffset);
  await file.close();
}
