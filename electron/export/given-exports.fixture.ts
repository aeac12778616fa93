import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import type { ErrorCode } from "../../src-core/errors.ts";
import { InProcessEngine } from "../../src-core/test-support/in-process-engine.ts";
import { quickTemporaryFolder } from "../../src-core/test-support/quick-temporary-folder.ts";
import type { ExportResult } from "../api/exports.ts";
import { Interruption } from "../engine/interruption.ts";
import { type Attempt, attemptExport, roles, sha256Of, weightsPath, writeModels } from "./export-attempts.fixture.ts";
import { findUnfinished } from "./unfinished-export.ts";

/** These exports wait for nothing but fsync, hundreds of times. */
const temporary = quickTemporaryFolder(64 * 2 ** 20);

/** What every test of a file is given: models, which must stay as they are, and a folder of its own to export to. */
class GivenExports {
  work = "";
  out = "";
  #models = "";
  #modelHashes: Record<string, string> = {};
  #expected: ExportResult | null = null;

  /** What an export that nothing disturbs gives: every test's outputs must equal it. */
  get expected(): ExportResult {
    if (this.#expected === null) throw new Error("asked for before the first test");
    return this.#expected;
  }

  weights(role: (typeof roles)[number]): string {
    return weightsPath(this.#models, role);
  }

  attempt(output: string, options?: Attempt): Promise<ExportResult> {
    return attemptExport(this.#models, output, options);
  }

  async expectWholeOutput(): Promise<void> {
    for (const { name, sha256: hash } of this.expected.files)
      expect(await sha256Of(join(this.out, name)), name).toBe(hash);
    expect(await readdir(this.work)).toEqual(["out"]);
  }

  /** What lies there is plainly unfinished: not under its name, and no file of it is a model's. */
  async expectPlainlyPartial(): Promise<void> {
    expect(existsSync(this.out)).toBe(false);
    for (const { name } of this.expected.files) {
      const path = join(`${this.out}.partial`, "model", name);
      if (existsSync(path)) expect((await readFile(path)).subarray(0, 8)).toEqual(Buffer.alloc(8));
    }
  }

  /** An export that was stopped by the user in its middle. */
  async leaveUnfinished(): Promise<void> {
    const abort = new AbortController();
    const engine = new InProcessEngine();
    let writes = 0;
    engine.faults = {
      onWrite: (bytes, write) => {
        if (++writes === 6) abort.abort(new Interruption(true));
        return write(bytes);
      },
    };
    await expect(this.attempt(this.out, { engine, abort })).rejects.toEqual(failsWith("interrupted"));
    expect((await findUnfinished(this.out))?.bytesWritten).toBeGreaterThan(0);
  }

  async makeModels(): Promise<void> {
    this.#models = await mkdtemp(join(temporary, "export-models-"));
    await writeModels(this.#models);
    this.#expected = await this.attempt(join(this.#models, "expected"));
    this.#modelHashes = await this.#hashModels();
  }

  async makeFolder(): Promise<void> {
    this.work = await mkdtemp(join(temporary, "exports-"));
    this.out = join(this.work, "out");
  }

  async removeFolder(): Promise<void> {
    await rm(this.work, { recursive: true, force: true });
    // Sources are only read, whatever happens.
    expect(await this.#hashModels()).toEqual(this.#modelHashes);
  }

  async removeModels(): Promise<void> {
    await rm(this.#models, { recursive: true, force: true });
  }

  async #hashModels(): Promise<Record<string, string>> {
    return Object.fromEntries(
      await Promise.all(roles.map(async (role) => [role, await sha256Of(this.weights(role))] as const)),
    );
  }
}

/** For a test file's head. */
export function giveExports(): GivenExports {
  const given = new GivenExports();
  beforeAll(() => given.makeModels());
  beforeEach(() => given.makeFolder());
  afterEach(() => given.removeFolder());
  afterAll(() => given.removeModels());
  return given;
}

export const failsWith = (code: ErrorCode) => expect.objectContaining({ failure: expect.objectContaining({ code }) });
