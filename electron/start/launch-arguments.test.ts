import { expect, test } from "vitest";
import { parseCommand } from "../headless/command-line.ts";
import { parseLaunch } from "./launch-arguments.ts";

test.each([
  [[], { mode: "window" }],
  [["--no-sandbox", "--user-data-dir=/tmp/x"], { mode: "window" }],
  [["--no-sandbox", "--cli", "--", "merge", "--json"], { mode: "command", words: ["merge", "--json"] }],
  [["--cli", "frobnicate"], { mode: "command", words: ["frobnicate"] }],
  [["--cli"], { mode: "command", words: [] }],
  [["inspect", "model"], { mode: "command", words: ["inspect", "model"] }],
  [["verify", "model"], { mode: "command", words: ["verify", "model"] }],
  [["--version"], { mode: "command", words: ["--version"] }],
  [["some/folder"], { mode: "window" }],
])("started with %j", (argv, launch) => {
  expect(parseLaunch(argv)).toEqual(launch);
});

test("every command of the command line is one as the first word of the installed program", () => {
  const help = parseCommand(["--help"], "0.0.0");
  const listed = help.name === "text" ? help.text.slice(help.text.indexOf("Commands:")) : "";
  const names = [...listed.matchAll(/^ {2}([a-z]+) /gm)].map(([, name = ""]) => name);
  expect(names.length).toBeGreaterThan(5);
  for (const name of names) expect(parseLaunch([name])).toEqual({ mode: "command", words: [name] });
});
