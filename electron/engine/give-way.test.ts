import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants, getPriority } from "node:os";
import { expect, test } from "vitest";
import { giveWay } from "./give-way.ts";

test("a process that computes goes behind the others; one that has ended is no matter", async () => {
  const program = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  await once(program, "spawn");
  const { pid = 0 } = program;
  expect(getPriority(pid)).toBe(getPriority());
  giveWay(pid);
  expect(getPriority(pid)).toBe(constants.priority.PRIORITY_BELOW_NORMAL);
  program.kill("SIGKILL");
  await once(program, "exit");
  expect(() => giveWay(pid)).not.toThrow();
});
