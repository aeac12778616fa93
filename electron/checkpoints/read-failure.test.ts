import { describe, expect, it } from "vitest";
import { StudioError } from "../../src-core/errors.ts";
import { readFailure } from "./read-failure.ts";

const systemError = (code: string) =>
  Object.assign(new Error(`${code}: said by the system`), { code, syscall: "open" });

describe("what the system refuses", () => {
  it.each([
    ["ENOENT", "checkpoint-not-found", /put it back/],
    ["ENOTDIR", "checkpoint-not-found", /put it back/],
    ["EACCES", "checkpoint-permission", /permissions/],
    ["EPERM", "checkpoint-permission", /permissions/],
    ["EMFILE", "read-failed", /Too many files are open/],
    ["ENFILE", "read-failed", /Too many files are open/],
    ["EIO", "read-failed", /disk/],
    ["ESTALE", "read-failed", /disk/],
    ["ENODEV", "read-failed", /local disk/],
    ["ENOMEM", "read-failed", /local disk/],
    ["EBUSY", "read-failed", /writing the file/],
  ])("is told as what it is: %s", (code, expected, advice) => {
    const cause = systemError(code);
    const failure = readFailure(cause, "/model/a.safetensors");
    if (!(failure instanceof StudioError)) throw failure;
    expect(failure.failure).toMatchObject({ code: expected, where: "/model/a.safetensors" });
    // That nothing is there needs no words of the system.
    expect(failure.failure.actual).toBe(expected === "checkpoint-not-found" ? undefined : cause.message);
    expect(failure.cause).toBe(cause);
    expect(failure.failure.advice).toMatch(advice);
  });

  it("is left as it is when it is a bug, or was told already", () => {
    const bug = new TypeError("x is not a function");
    const told = new StudioError({ code: "lfs-pointer", what: "A pointer" });
    expect(readFailure(bug, "a")).toBe(bug);
    expect(readFailure(told, "a")).toBe(told);
  });
});
