import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface Audit {
  readonly vulnerabilities?: Readonly<Record<string, { readonly severity: string; readonly via: readonly unknown[] }>>;
  readonly message?: string;
  readonly error?: { readonly summary?: string };
}

/** What npm knows of the weaknesses of all packages; null where its registry does not tell, or cannot be reached. */
function audit(): Promise<Audit | null> {
  return new Promise((resolve) => {
    const npm = process.platform === "win32" ? "npm.cmd" : "npm";
    const options = { timeout: 45_000, maxBuffer: 2 ** 26, shell: process.platform === "win32" };
    execFile(npm, ["audit", "--json"], options, (_error, stdout) => {
      try {
        const answer = JSON.parse(stdout) as Audit;
        resolve(answer.vulnerabilities === undefined ? null : answer);
      } catch {
        resolve(null);
      }
    });
  });
}

/** Packages whose code is in what people install: those that run beside it, those that are bundled, and Electron. */
function shippedPackages(): Set<string> {
  const { dependencies, devDependencies } = JSON.parse(readFileSync("package.json", "utf8"));
  const bundled = /^(electron|react|react-dom|zustand|radix-ui|@fontsource-variable\/.+)$/;
  const shipped = [...Object.keys(dependencies), ...Object.keys(devDependencies).filter((name) => bundled.test(name))];
  const lock = JSON.parse(readFileSync("package-lock.json", "utf8")).packages as Record<
    string,
    { dependencies?: Record<string, string> }
  >;
  const all = new Set<string>();
  const visit = (name: string): void => {
    if (all.has(name)) return;
    all.add(name);
    // Electron's own packages only bring its binary here.
    if (name !== "electron")
      for (const next of Object.keys(lock[`node_modules/${name}`]?.dependencies ?? {})) visit(next);
  };
  for (const name of shipped) visit(name);
  return all;
}

test("what ships has no known weakness", async (context) => {
  const shipped = shippedPackages();
  expect(shipped.size).toBeGreaterThan(20);
  const found = await audit();
  if (found === null) return context.skip("the registry tells nothing of weaknesses");
  const weak = Object.entries(found.vulnerabilities ?? {}).filter(([name]) => shipped.has(name));
  expect(weak.map(([name, { severity }]) => `${name}: ${severity}`)).toEqual([]);
});
