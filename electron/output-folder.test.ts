import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { layoutSafetensors } from "../src-core/checkpoint/safetensors-writer.ts";
import type { OutputLayout } from "../src-core/plan/merge-plan.ts";
import { checkOutput, PartialFolder, provenanceName } from "./output-folder.ts";

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

const check = (path: string, options: { overwrite?: boolean; byteLength?: number } = {}) =>
  checkOutput({ path, overwrite: false, byteLength: 1000, sourcePaths: [source], ...options });

const failsWith = (code: string) => expect.objectContaining({ failure: expect.objectContaining({ code }) });

function layoutOf(byteLength: number): OutputLayout {
  const layout = layoutSafetensors([{ name: "a", dtype: "U8", shape: [byteLength], byteLength }], { format: "pt" });
  return {
    files: [{ name: "model.safetensors", headerJson: layout.headerJson, byteLength: layout.byteLength }],
    indexJson: null,
    byteLength: layout.byteLength,
  };
}

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

  test("when it exists, even if asked to replace it, unless an earlier merge made it", async () => {
    const out = join(folder, "out");
    await mkdir(out);
    await writeFile(join(out, "thesis.tex"), "years of work");
    await expect(check(out)).rejects.toEqual(failsWith("output-exists"));
    await expect(check(out, { overwrite: true })).rejects.toEqual(failsWith("output-exists"));
    await writeFile(join(out, provenanceName), "{}");
    await expect(check(out)).rejects.toEqual(failsWith("output-exists"));
    await expect(check(out, { overwrite: true })).resolves.toBeUndefined();
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

describe("a partial folder", () => {
  test("holds its files in full size, and takes its name only at the end", async () => {
    const out = join(folder, "out");
    const layout = layoutOf(100);
    const partial = await PartialFolder.create(out, layout);
    expect(partial.path).toBe(`${out}.partial`);
    const bytes = await readFile(join(partial.path, "model.safetensors"));
    expect(bytes.byteLength).toBe(layout.byteLength);
    expect(await readdir(folder)).toEqual(["model", "out.partial"]);
    await partial.finish();
    expect(await readdir(folder)).toEqual(["model", "out"]);
    expect(await readdir(out)).toEqual(["model.safetensors"]);
  });

  test("replaces what stood there before only when it is finished", async () => {
    const out = join(folder, "out");
    await mkdir(out);
    await writeFile(join(out, provenanceName), "{}");
    const partial = await PartialFolder.create(out, layoutOf(10));
    expect(await readdir(out)).toEqual([provenanceName]);
    await partial.finish();
    expect(await readdir(out)).toEqual(["model.safetensors"]);
    expect(await readdir(folder)).toEqual(["model", "out"]);
  });

  test("that an interrupted export left is made anew; a folder of someone else's with that name is not touched", async () => {
    const out = join(folder, "out");
    await PartialFolder.create(out, layoutOf(10));
    await PartialFolder.create(out, layoutOf(20));
    await rm(`${out}.partial`, { recursive: true });
    await mkdir(`${out}.partial`);
    await writeFile(join(`${out}.partial`, "notes.txt"), "");
    await expect(PartialFolder.create(out, layoutOf(10))).rejects.toEqual(failsWith("output-exists"));
    expect(await readdir(`${out}.partial`)).toEqual(["notes.txt"]);
  });

  test("is gone after it was discarded", async () => {
    const partial = await PartialFolder.create(join(folder, "out"), layoutOf(10));
    await partial.discard();
    expect(await readdir(folder)).toEqual(["model"]);
  });
});
