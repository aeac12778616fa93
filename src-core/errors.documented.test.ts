import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { exitCodes } from "./errors.ts";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
const text = read("../docs/troubleshooting.md");

/** Codes in the first column of the tables below headings that begin so, with the exit code that stands above or beside them. */
function documented(heading: RegExp): ReadonlyMap<string, number | null> {
  const found = new Map<string, number | null>();
  for (const section of text.split(/^## /m).filter((each) => heading.test(each))) {
    const ofSection = /^Exit code (\d+)\./m.exec(section)?.[1];
    for (const [, cell = "", next = ""] of section.matchAll(/^\| (`[^|]+`) \| ([^|]*) \|/gm)) {
      const exitCode = Number(ofSection ?? next);
      for (const [, code = ""] of cell.matchAll(/`([^`]+)`/g))
        found.set(code, Number.isNaN(exitCode) ? null : exitCode);
    }
  }
  return found;
}

it("every code that a person can meet stands in docs/troubleshooting.md, with its exit code", () => {
  expect(Object.fromEntries(documented(/^Codes: /))).toEqual(exitCodes);
});

it("every problem that a plan can have stands there too", () => {
  const declared = read("./plan/problem.ts").split("export type ProblemCode =")[1] ?? "";
  const codes = [...declared.matchAll(/\| "([a-z0-9-]+)"/g)].map(([, code]) => code);
  expect(codes.length).toBeGreaterThan(20);
  expect([...documented(/^What the plan says/).keys()].sort()).toEqual(codes.sort());
});
