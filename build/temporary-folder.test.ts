import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

let folder: string;
const module = new URL("temporary-folder.mjs", import.meta.url).href;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "temporary-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Runs it in a process of its own, which then does something more. */
function inProcess(more: string): { left: string[]; output: string } {
  const code = `import { temporaryFolder } from ${JSON.stringify(module)}; const { path } = temporaryFolder("x"); ${more}`;
  const env = { ...process.env, TMPDIR: folder, TEMP: folder, TMP: folder };
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", code], { env, encoding: "utf8" });
  return { left: readdirSync(folder), output: stdout };
}

describe("a temporary folder", () => {
  test("is there while its process runs and gone afterwards, also after a failure", () => {
    const look = `import("node:fs").then(({ existsSync }) => { console.log(existsSync(path)); throw new Error("x"); })`;
    expect(inProcess(look)).toEqual({ left: [], output: "true\n" });
  });

  test("that a killed process left is removed by the next one; anyone's who runs is not", () => {
    expect(inProcess(`process.kill(process.pid, "SIGKILL")`).left).toHaveLength(1);
    const ours = join(folder, `chat-vector-x-${process.pid}-abc`);
    mkdirSync(ours);
    mkdirSync(join(folder, "chat-vector-x-other"));
    expect(inProcess("").left).toEqual([`chat-vector-x-${process.pid}-abc`, "chat-vector-x-other"]);
    expect(existsSync(ours)).toBe(true);
  });
});
