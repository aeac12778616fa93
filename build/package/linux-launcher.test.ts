import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkout } from "../checkout.mjs";

let folder: string;
let launcher: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chat-vector-launcher-"));
  launcher = join(folder, "resources", "bin", "chat-vector-studio");
  mkdirSync(join(folder, "resources", "bin"), { recursive: true });
  cpSync(join(checkout, "build", "package", "linux", "chat-vector-studio"), launcher);
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** In the program's place. */
function writeProgram(text: string): void {
  writeFileSync(join(folder, "chat-vector-studio"), `#!/bin/sh\n${text}\n`);
  chmodSync(join(folder, "chat-vector-studio"), 0o755);
}

function launch(...words: readonly string[]) {
  const env = { ...process.env, DISPLAY: ":1" };
  return spawnSync("sh", [launcher, ...words], { encoding: "utf8", env, cwd: folder, timeout: 20_000 });
}

describe.skipIf(process.platform !== "linux")("the installed launcher", () => {
  it("keeps Chromium's remarks to itself, and passes on the rest, the result and the exit code", () => {
    writeProgram(`echo result
echo "[123:1123/101112.345678:ERROR:viz_main_impl.cc(186)] Exiting GPU process" >&2
printf 'Warning: vkCreateInstance failed\\n    at CheckVk (../../third_party/dawn/src/a.cpp:12)\\n\\n' >&2
echo "Error: eglInitialize failed" >&2
echo "error while loading shared libraries: libnss3.so" >&2
echo "error: usage: said by the program" >&$CHAT_VECTOR_STDERR
exit 4`);
    const { status, stdout, stderr } = launch("merge");
    expect([status, stdout]).toEqual([4, "result\n"]);
    expect(stderr.split("\n").filter(Boolean).sort()).toEqual([
      "error while loading shared libraries: libnss3.so",
      "error: usage: said by the program",
    ]);
  });

  it("is the program itself to signals", () => {
    writeProgram("kill -TERM $$");
    expect(launch("merge").signal).toBe("SIGTERM");
  });

  it("opens the window for files and folders that are there, and takes other words for a command", () => {
    writeProgram('echo "$@"');
    mkdirSync(join(folder, "merge"));
    writeFileSync(join(folder, "a.safetensors"), "");
    expect(launch("a.safetensors", "merge").stdout).toMatch(/^(--no-sandbox )?-- a\.safetensors merge\n$/);
    expect(launch("merge").stdout).toMatch(/--cli -- merge\n$/);
    expect(launch("gone.yaml").stdout).toMatch(/--cli -- gone\.yaml\n$/);
  });
});
