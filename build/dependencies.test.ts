import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkout } from "./checkout.mjs";

interface LockEntry {
  readonly optionalDependencies?: Record<string, string>;
}

const packages: Record<string, LockEntry> = JSON.parse(
  readFileSync(join(checkout, "package-lock.json"), "utf8"),
).packages;

describe("package-lock.json", () => {
  // npm leaves out a platform's package that its registry lacks at that moment; `npm ci` then fails for everyone.
  it("names the packages of every platform", () => {
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages),
      ),
    );
    expect(missing).toEqual([]);
  });

  it("names no registry, so that any mirror serves", () => {
    expect(Object.values(packages).filter((entry) => "resolved" in entry)).toEqual([]);
  });
});
