import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { withoutHome } from "./diagnostics.ts";
import { LogFile } from "./log-file.ts";

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "log-file-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

test("a log keeps its newest lines and never grows beyond its limit", async () => {
  const path = join(folder, "logs", "main.log");
  const log = new LogFile(path);
  for (let line = 0; line < 2000; line++) log.write(`line ${line}\nof ${"x".repeat(1000)}`);
  expect((await readdir(join(folder, "logs"))).sort()).toEqual(["main.log", "main.log.1"]);
  for (const name of ["main.log", "main.log.1"]) {
    expect((await stat(join(folder, "logs", name))).size).toBeLessThan(520 * 1024);
  }
  const recent = log.recent(3);
  expect(recent.map((line) => /line \d+/.exec(line)?.[0])).toEqual(["line 1997", "line 1998", "line 1999"]);
  expect(recent.every((line) => !line.includes("\n"))).toBe(true);
});

test("a log that cannot be written disturbs nothing", () => {
  const log = new LogFile(join(folder, "\0"));
  log.write("lost");
  expect(log.recent(5)).toEqual([]);
});

test("what is copied for others names no home folder and no user", () => {
  const text = "write-failed /home/Ada.L/models/out; ada.l; C:\\Users\\x";
  expect(withoutHome(text, "/home/Ada.L")).toBe("write-failed ~/models/out; user; C:\\Users\\x");
  expect(withoutHome(`{"where":"C:\\\\Users\\\\Grace\\\\m"}`, "C:\\Users\\Grace")).toBe('{"where":"~\\\\m"}');
  expect(withoutHome("/root/models by root", "/root")).toBe("~/models by root");
});
