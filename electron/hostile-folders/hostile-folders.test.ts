import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { quickTemporaryFolder } from "../../src-core/test-support/quick-temporary-folder.ts";
import { buildTestProgram } from "../test-program.fixture.ts";
import { type HostileFolder, hostileFolders, safetensors } from "./hostile-folders.fixture.ts";

const run = promisify(execFile);
const maximumMilliseconds = 1000;
const maximumKibibytes = 200 * 1024;

let root: string;
let good: string;
let program: string;

beforeAll(async () => {
  // The largest of them has 250 MB.
  root = mkdtempSync(join(quickTemporaryFolder(2 ** 29), "hostile-"));
  good = join(root, "good");
  mkdirSync(good);
  writeFileSync(
    join(good, "model.safetensors"),
    safetensors('{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', 1),
  );
  program = await buildTestProgram(new URL("./open-hostile.fixture.ts", import.meta.url));
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Cost {
  readonly code: string;
  readonly message: string;
  readonly wall: number;
  readonly cpu: number;
  readonly kibibytes: number;
}

/** Ends it after a while: what blocks on a pipe would wait for ever. */
async function open(folder: string): Promise<Cost> {
  const { stdout } = await run(process.execPath, [program, good, folder], {
    timeout: 20_000,
  });
  return JSON.parse(stdout) as Cost;
}

async function check({ title, make, outcome, says }: HostileFolder): Promise<void> {
  const folder = mkdtempSync(join(root, "model-"));
  const end = await make(folder);
  try {
    // Again when it took too long: another process may have had the machine.
    for (let attempt = 1; ; attempt++) {
      const cost = await open(folder);
      expect(cost, title).toMatchObject({ code: outcome });
      if (says !== undefined) expect(cost.message).toContain(says);
      expect(cost.message).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      expect(cost.kibibytes, title).toBeLessThan(maximumKibibytes);
      if (Math.min(cost.wall, cost.cpu) < maximumMilliseconds) return;
      expect(attempt, `${title}: ${cost.wall} ms, of which ${cost.cpu} of the processor's`).toBeLessThan(4);
    }
  } finally {
    end?.();
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("a hostile folder is refused by name, within a second and 200 MiB", () => {
  for (const hostile of hostileFolders) {
    test.skipIf(hostile.skip)(hostile.title, { timeout: 120_000 }, () => check(hostile));
  }
});
