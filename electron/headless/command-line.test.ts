import { describe, expect, test } from "vitest";
import { parseCommand } from "./command-line.ts";

const parse = (line: string) =>
  parseCommand(
    line.split(" ").filter((word) => word !== ""),
    "1.2.3",
  );
const usage = (line: string) => {
  try {
    parse(line);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error(`accepted: ${line}`);
};

describe("the command line", () => {
  test("reads a merge", () => {
    expect(
      parse("merge --base b --chat c --target t --out o --scale 0.7 --shard-size 500MB --dtype BF16 --json"),
    ).toEqual({
      name: "merge",
      options: expect.objectContaining({
        base: "b",
        chat: "c",
        target: "t",
        out: "o",
        scale: 0.7,
        shardSize: 5e8,
        dtype: "BF16",
        json: true,
      }),
    });
  });

  test("takes a negative λ", () => {
    expect(parse("merge --base b --chat c --target t --out o --scale -1")).toMatchObject({ options: { scale: -1 } });
  });

  test("prints help and version as results", () => {
    expect(parse("--version")).toEqual({ name: "text", text: "1.2.3\n" });
    expect(parse("merge --help")).toMatchObject({ name: "text", text: expect.stringContaining("--on-mismatch") });
  });

  test.each([
    ["merge --bas b", "unknown option '--bas' (Did you mean --base?)"],
    ["merge --base b --chat c --target t", "missing --out. Try --help"],
    ["merge --base b --chat c --target t --out o --scale much", "A finite number is expected."],
    ["merge --base b --chat c --target t --out o --scale 1e99", "A finite number is expected."],
    ["merge --base b --chat c --target t --out o --shard-size -5GB", "A size such as 5GB"],
    ["merge --base b --chat c --target t --out o --dtype f8", "Allowed choices are same, F32, F16, BF16."],
    ["inspec x", "unknown command 'inspec' (Did you mean inspect?)"],
    ["inspect", "missing required argument 'checkpoint'"],
    ["inspect a b", "too many arguments"],
    ["", "no command; try --help"],
  ])("refuses %j with a hint", (line, hint) => {
    expect(usage(line)).toContain(hint);
  });
});
