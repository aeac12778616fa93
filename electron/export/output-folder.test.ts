import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { provenanceName } from "../../src-core/provenance/provenance.ts";
import { checkOutput, type OutputRequest } from "./output-folder.ts";
import { refuseClashes, refuseTooManyFiles } from "./output-limits.ts";

let folder = "";
let source = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "output-folder-"));
  source = join(folder, "model");
  await mkdir(source);
});

afterEach(async () => {
  await chmod(folder, 0o755);
  await rm(folder, { recursive: true });
});

const check = (path: string, options: Partial<OutputRequest> = {}) =>
  checkOutput({
    path,
    overwrite: false,
    byteLength: 1000,
    allocatedBytes: 0,
    fileLengths: [1000],
    names: ["model.safetensors"],
    sourcePaths: [source],
    sourceFileCount: 3,
    ...options,
  });

const failsWith = (code: string) => expect.objectContaining({ failure: expect.objectContaining({ code }) });

describe("an output folder is refused", () => {
  test("when it is a model that is read, inside one, or around one", async () => {
    await expect(check(source)).rejects.toEqual(failsWith("output-overlaps-input"));
    await expect(check(join(source, "out"))).rejects.toEqual(failsWith("output-overlaps-input"));
    await expect(check(folder)).rejects.toEqual(failsWith("output-overlaps-input"));
  });

  test("when a link leads it into a model that is read", async () => {
    await symlink(source, join(folder, "alias"));
    await expect(check(join(folder, "alias", "out"))).rejects.toEqual(failsWith("output-overlaps-input"));
  });

  test("when another name of a model that is read leads to it", async () => {
    await mkdir(join(folder, "mounted"));
    await symlink(source, join(folder, "mounted", "same"));
    const out = join(folder, "mounted", "same", "deeper");
    await mkdir(join(source, "deeper"));
    await expect(check(out, { sourcePaths: [join(folder, "mounted", "same")] })).rejects.toEqual(
      failsWith("output-overlaps-input"),
    );
  });

  test("when it exists, even if asked to replace it, unless an earlier merge made it", async () => {
    const out = join(folder, "out");
    await mkdir(out);
    await writeFile(join(out, "thesis.tex"), "years of work");
    await expect(check(out)).rejects.toEqual(failsWith("output-exists"));
    await expect(check(out, { overwrite: true })).rejects.toEqual(failsWith("output-exists"));
    await writeFile(join(out, provenanceName), "{}");
    await expect(check(out)).rejects.toEqual(failsWith("output-exists"));
    await expect(check(out, { overwrite: true })).resolves.toEqual([]);
  });

  test("when it is a file", async () => {
    const out = join(folder, "out");
    await writeFile(out, "");
    await expect(check(out, { overwrite: true })).rejects.toEqual(failsWith("output-exists"));
  });

  test("when its parent is not there", async () => {
    await expect(check(join(folder, "no", "out"))).rejects.toEqual(failsWith("output-invalid"));
  });

  test("when the disk has no room for it", async () => {
    await expect(check(join(folder, "out"), { byteLength: 2 ** 60 })).rejects.toEqual(failsWith("output-space"));
  });

  test("when its parent cannot be written in", async () => {
    await chmod(folder, 0o555);
    await asOrdinaryUser(() => expect(check(join(folder, "out"))).rejects.toEqual(failsWith("output-permission")));
  });
});

describe("before anything is written", () => {
  test("room that an unfinished export has taken already is not asked for again", async () => {
    const options = { byteLength: 2 ** 60, allocatedBytes: 2 ** 60 };
    await expect(check(join(folder, "out"), options)).resolves.toEqual([]);
  });

  test("nothing is left of what was tried in the folder", async () => {
    await check(join(folder, "out"));
    expect(await readdir(folder)).toEqual(["model"]);
  });

  test("names that differ by capital letters alone are refused where those do not count", () => {
    expect(() => refuseClashes(["LICENSE", "License"], folder)).toThrow(failsWith("output-invalid"));
    expect(() => refuseClashes(["e\u0301.txt", "\u00e9.txt"], folder)).toThrow(failsWith("output-invalid"));
    expect(() => refuseClashes(["model.safetensors", "config.json"], folder)).not.toThrow();
  });

  test.runIf(process.platform === "linux")("more files than can be open at once are refused", async () => {
    await expect(refuseTooManyFiles(3)).resolves.toBeUndefined();
    await expect(refuseTooManyFiles(2 ** 31)).rejects.toEqual(failsWith("output-invalid"));
    await expect(check(join(folder, "out"), { sourceFileCount: 2 ** 31 })).rejects.toEqual(failsWith("output-invalid"));
  });
});

/** Permissions mean nothing to root, which tests in a container often are. */
async function asOrdinaryUser(work: () => Promise<void>): Promise<void> {
  const root = process.geteuid?.() === 0;
  if (root) process.seteuid?.("nobody");
  try {
    await work();
  } finally {
    if (root) process.seteuid?.(0);
  }
}
