import { spawnSync } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { mkdtemp, open, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { layoutSafetensors } from "../../src-core/checkpoint/safetensors-writer.ts";
import type { OutputLayout } from "../../src-core/plan/merge-plan.ts";
import { ExportWorkspace } from "./export-workspace.ts";
import { checkOutput } from "./output-folder.ts";

const mount = (folder: string, size: string) =>
  spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder]).status === 0;
const unmount = (folder: string) => spawnSync("umount", ["--lazy", folder]);

/** Only who may mount has a small disk to fill. */
const mayMount = (() => {
  if (process.platform !== "linux") return false;
  const folder = mkdtempSync(join(tmpdir(), "full-disk-"));
  const mounted = mount(folder, "1m");
  if (mounted) unmount(folder);
  rmdirSync(folder);
  return mounted;
})();

let disk = "";

beforeEach(async () => {
  disk = await mkdtemp(join(tmpdir(), "full-disk-"));
  if (mayMount && !mount(disk, "80m")) throw new Error("the small disk could not be mounted");
});

afterEach(async () => {
  if (mayMount) unmount(disk);
  await rm(disk, { recursive: true, force: true });
});

function layoutOf(byteLength: number): OutputLayout {
  const layout = layoutSafetensors([{ name: "a", dtype: "U8", shape: [byteLength], byteLength }], {});
  const file = { name: "model.safetensors", headerJson: layout.headerJson, byteLength: layout.byteLength };
  return { files: [file], indexJson: null, byteLength: layout.byteLength };
}

async function fill(path: string): Promise<void> {
  const file = await open(path, "w");
  const piece = new Uint8Array(2 ** 20);
  try {
    for (;;) await file.write(piece);
  } catch {
    // Full now.
  } finally {
    await file.close();
  }
}

const basis = { version: "1.0.0", recipe: "{}", sources: [], plan: "a" };
const create = (layout: OutputLayout) =>
  ExportWorkspace.create(join(disk, "out"), layout, basis, { kind: "cpu", adapter: "CPU" });

const request = (byteLength: number) => ({
  path: join(disk, "out"),
  overwrite: false,
  byteLength,
  allocatedBytes: 0,
  fileLengths: [byteLength],
  names: ["model.safetensors"],
  sourcePaths: [],
  sourceFileCount: 3,
});

test.runIf(mayMount)("a disk without room, with a margin, is refused before anything is written", async () => {
  await expect(checkOutput(request(10_000_000))).resolves.toEqual([]);
  await expect(checkOutput(request(20_000_000))).rejects.toMatchObject({ failure: { code: "output-space" } });
  expect(await readdir(disk)).toEqual([]);
});

test.runIf(mayMount)(
  "a disk that has become full since says so when the place is taken, and gets it back",
  async () => {
    await expect(create(layoutOf(100_000_000))).rejects.toMatchObject({ failure: { code: "output-space" } });
    expect(await readdir(disk)).toEqual([]);
  },
);

test.runIf(mayMount)("a place that was taken is the export's, however full the disk becomes", async () => {
  const layout = layoutOf(20_000_000);
  const workspace = await create(layout);
  await fill(join(disk, "others"));
  const file = await open(workspace.filePaths[0] ?? "", "r+");
  const bytes = new Uint8Array(1_000_000).fill(7);
  for (let at = 0; at < layout.byteLength; at += bytes.byteLength) {
    const length = Math.min(bytes.byteLength, layout.byteLength - at);
    expect((await file.write(bytes, 0, length, at)).bytesWritten).toBe(length);
  }
  await file.close();
  await workspace.discard();
});
