import { expect, test } from "vitest";
import { parseLaunch } from "./launch-arguments.ts";

test.each([
  [[], { mode: "window" }],
  [["--no-sandbox", "--user-data-dir=/tmp/x"], { mode: "window" }],
  [["--no-sandbox", "--cli", "--", "merge", "--json"], { mode: "command", words: ["merge", "--json"] }],
  [["--cli", "frobnicate"], { mode: "command", words: ["frobnicate"] }],
  [["--cli"], { mode: "command", words: [] }],
  [["inspect", "model"], { mode: "command", words: ["inspect", "model"] }],
  [["--version"], { mode: "command", words: ["--version"] }],
  [["some/folder"], { mode: "window" }],
])("started with %j", (argv, launch) => {
  expect(parseLaunch(argv)).toEqual(launch);
});
