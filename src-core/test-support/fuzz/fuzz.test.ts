import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { StudioError } from "../../errors.ts";
import { maximumCaseMilliseconds } from "./case-cost.ts";
import { mutateFiles } from "./document.ts";
import { type FuzzTarget, fuzz } from "./fuzz.ts";
import { ciCaseCount, fuzzShares } from "./fuzz-cases.ts";
import { mutateBytes } from "./mutate-bytes.ts";

const text = new TextEncoder().encode("a document of some words, damaged");
const damage = mutateBytes();

function target(read: (bytes: Uint8Array) => string): FuzzTarget {
  return {
    name: "fuzz-kit",
    originals: [{ "a.txt": text }],
    mutate: (document, random) => mutateFiles(document, random, () => [damage]),
    read: (document) => read(document["a.txt"] ?? new Uint8Array()),
  };
}

/** Reads well, but goes wrong where a byte is 0xff. */
const wrongAtFf = (goWrong: () => void) =>
  target((bytes) => {
    if (bytes.includes(0xff)) goWrong();
    return "valid";
  });

async function failureOf(broken: FuzzTarget): Promise<{ message: string; found: string }> {
  const error: unknown = await fuzz(broken).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Error)) throw new Error("nothing was found");
  const path = /made small: (.+)$/.exec(error.message)?.[1] ?? "";
  const found = existsSync(path) ? readFileSync(path, "utf8") : "";
  rmSync(path, { force: true });
  return { message: error.message, found };
}

function fuzzTestsIn(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return files.filter((file) => file.endsWith("fuzz.test.ts")).map((file) => join(folder, file));
}

describe("fuzzing", () => {
  test("finds a crash, tells its seed, and leaves the smallest document that still crashes", async () => {
    const { message, found } = await failureOf(
      wrongAtFf(() => {
        throw new TypeError("undefined is no function");
      }),
    );
    expect(message).toMatch(/^fuzzing fuzz-kit, seed \d+: undefined is no function; /);
    expect(JSON.parse(found).files["a.txt"]).toEqual({ base64: Buffer.of(0xff).toString("base64") });
  });

  test("finds what takes longer than it may: a second, where nothing else is said", async () => {
    expect(maximumCaseMilliseconds).toBe(1000);
    const slow = wrongAtFf(() => {
      for (const start = process.cpuUsage().user; process.cpuUsage().user - start < 33_000; );
    });
    // Making the document small takes a dozen cases: with a second for each the test would take most of a minute.
    const { message } = await failureOf({ ...slow, maximumMilliseconds: 30 });
    expect(message).toMatch(/it took \d+ ms/);
  });

  test("finds what takes more memory than it may", async () => {
    const { message } = await failureOf(wrongAtFf(() => void new Uint8Array(80 * 1024 * 1024).fill(1)));
    expect(message).toMatch(/it took \d+ bytes of memory/);
  });

  test("finds a prototype that was changed", async () => {
    const prototype = Object.prototype as { polluted?: boolean };
    const { message } = await failureOf(
      wrongAtFf(() => {
        prototype.polluted = true;
      }),
    ).finally(() => delete prototype.polluted);
    expect(message).toContain("prototype changed");
  });

  test("takes an error for people for an outcome", async () => {
    const outcomes = await fuzz(
      target((bytes) => {
        if (bytes.length !== text.length) throw new StudioError({ code: "file-truncated", what: "Not whole" });
        return "valid";
      }),
    );
    expect(outcomes.get("valid")).toBeGreaterThan(50);
    expect(outcomes.get("file-truncated")).toBeGreaterThan(50);
  });

  test("is done to every parser, with a hundred thousand documents in all", () => {
    expect(Object.values(fuzzShares).reduce((sum, share) => sum + share, 0)).toBeGreaterThanOrEqual(ciCaseCount);
    const sources = ["src-core", "electron"].flatMap(fuzzTestsIn).map((file) => readFileSync(file, "utf8"));
    for (const name of Object.keys(fuzzShares)) {
      expect(
        sources.some((source) => source.includes(`"${name}"`)),
        name,
      ).toBe(true);
    }
  });
});
