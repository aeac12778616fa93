import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { version } from "../../../package.json";
import { changesOf } from "./changes.ts";

it("reads versions and their changes, over several lines as well", () => {
  const text = "# Changes\n\nA word before.\n\n## 0.2.0\n\n- One\n  and more.\n- Two.\n\n## 0.1.0\n\n- First.\n";
  expect(changesOf(text)).toEqual([
    { version: "0.2.0", changes: ["One and more.", "Two."] },
    { version: "0.1.0", changes: ["First."] },
  ]);
});

it("finds this version first in the changelog", () => {
  const [latest] = changesOf(readFileSync(new URL("../../../CHANGELOG.md", import.meta.url), "utf8"));
  expect(latest?.version).toBe(version);
  expect(latest?.changes.length).toBeGreaterThan(3);
});
