import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkout } from "./checkout.mjs";

interface LockEntry {
  readonly optionalDependencies?: Record<string, string>;
}

const read = (file: string) => readFileSync(join(checkout, file), "utf8");
const packages: Record<string, LockEntry> = JSON.parse(read("package-lock.json")).packages;
const manifest: Record<"dependencies" | "devDependencies", Record<string, string>> = JSON.parse(read("package.json"));
const dependencies = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });

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

describe("dependencies", () => {
  it("have exact versions", () => {
    expect(dependencies.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  it("each have a line in the README that says why", () => {
    const explained = read("README.md")
      .split("\n")
      .filter((line) => /^\| .+ \| .+ \|$/.test(line))
      .flatMap((line) => (line.split("|")[1] ?? "").split(",").map((name) => name.trim()));
    expect(dependencies.map(([name]) => name).filter((name) => !explained.includes(name))).toEqual([]);
  });
});
