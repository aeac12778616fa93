import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rejectionOf } from "../../test-support/failure-of.ts";
import { hostileFiles } from "../../test-support/hostile-torch-files.ts";
import { MemorySource } from "../../test-support/memory-folder.ts";
import { textDict } from "../../test-support/pickle-bytes.ts";
import { bombs } from "../../test-support/torch-bombs.ts";
import { countingBytes, tensor, torchZip } from "../../test-support/torch-bytes.ts";
import { readWeightsHeader } from "../weights-header.ts";

const run = promisify(execFile);
const maximumMilliseconds = 100;
const maximumKibibytes = 50 * 1024;

describe("a hostile PyTorch file is refused by name", () => {
  it.each(hostileFiles.map((file) => [file.title, file] as const))("%s", async (_, { bytes, code, says }) => {
    const source = new MemorySource(bytes(), "m.bin");
    const startedAt = performance.now();
    const failure = await rejectionOf(() => readWeightsHeader(source, "m.bin"));
    const milliseconds = performance.now() - startedAt;
    // Their memory is a few objects'; that of files made to take more is measured below, in a process of its own.
    expect(milliseconds).toBeLessThan(maximumMilliseconds);
    expect(failure.code).toBe(code);
    expect(failure.message).toContain(says);
    expect(failure.where).toContain("m.bin");
  });

  it("and nothing of it ran", () => {
    expect(existsSync("/tmp/it-ran")).toBe(false);
  });
});

describe("a bomb is refused in time and memory that are bounded", () => {
  let folder: string;
  let good: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "hostile-torch-"));
    good = join(folder, "good.bin");
    const spec = { key: "0", storage: "FloatStorage", count: 6, shape: [6], strides: [1] };
    writeFileSync(good, torchZip(textDict({ w: tensor(spec) }), { 0: countingBytes(24) }));
    await build({
      configFile: false,
      logLevel: "silent",
      build: {
        ssr: fileURLToPath(new URL("../../test-support/refuse-torch-file.ts", import.meta.url)),
        outDir: folder,
        emptyOutDir: false,
        target: "node18",
        rolldownOptions: { output: { entryFileNames: "refuse.mjs" } },
      },
    });
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(bombs.map((file) => [file.title, file] as const))("%s", async (title, { bytes, code, says }) => {
    const path = join(folder, "bomb.bin");
    writeFileSync(path, bytes());
    // Again when it took too long: another process may have had the machine.
    for (let attempt = 1; ; attempt++) {
      const { stdout } = await run(process.execPath, [join(folder, "refuse.mjs"), good, path]);
      const outcome = JSON.parse(stdout);
      expect(outcome).toMatchObject({ code });
      expect(outcome.message).toContain(says);
      expect(outcome.kibibytes, title).toBeLessThan(maximumKibibytes);
      if (outcome.milliseconds < maximumMilliseconds) break;
      expect(attempt, `${title}: ${outcome.milliseconds} ms`).toBeLessThan(5);
    }
  });
});
