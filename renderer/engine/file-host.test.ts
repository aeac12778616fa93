import { spawnSync } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { appendFile, mkdtemp, open, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { decodeJournal, type WrittenRange } from "../../src-core/engine/journal.ts";
import { FileSink, FileSource } from "./file-host.ts";
import { JournalFile } from "./journal-file.ts";

const mount = (folder: string) => spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]).status === 0;
const unmount = (folder: string) => spawnSync("umount", ["--lazy", folder]);

/** Only who may mount has a disk of one MiB. */
const mayMount = (() => {
  if (process.platform !== "linux") return false;
  const folder = mkdtempSync(join(tmpdir(), "file-host-"));
  const mounted = mount(folder);
  if (mounted) unmount(folder);
  rmdirSync(folder);
  return mounted;
})();

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "file-host-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const failsWith = (code: string) => expect.objectContaining({ failure: expect.objectContaining({ code }) });

describe("a file that is to be read", () => {
  const time = new Date(1.5e12);

  test.each([
    ["another size", (path: string) => appendFile(path, "more"), time],
    ["another time", () => Promise.resolve(), new Date(1.6e12)],
  ])("and has %s than it was planned with is refused", async (_, change, then) => {
    const path = join(folder, "weights");
    await writeFile(path, "weights");
    await utimes(path, time, time);
    const planned = { path, byteLength: 7, modifiedMs: (await stat(path)).mtimeMs };
    await (await FileSource.open(planned)).close();
    await change(path);
    await utimes(path, then, then);
    await expect(FileSource.open(planned)).rejects.toEqual(failsWith("checkpoint-changed"));
  });
});

describe("a journal that grows", () => {
  const range = (byteOffset: number): WrittenRange[] => [{ file: 0, byteOffset, byteLength: 10, newNonFinite: 0 }];
  let path = "";

  beforeEach(async () => {
    path = join(folder, "journal");
    await writeFile(path, "");
  });

  test("says of what was recorded while the disk was waited for that it is written, and not that it is on the disk", async () => {
    const journal = await JournalFile.open(path);
    const sinkPath = join(folder, "sink");
    await writeFile(sinkPath, "");
    const sink = await FileSink.open(sinkPath);
    const sync = sink.sync.bind(sink);
    sink.sync = async () => {
      await journal.record(range(10));
      await sync();
    };
    // Not awaited: a sync begins with what was recorded before it.
    const recorded = journal.record(range(0));
    await journal.sync([sink]);
    await recorded;
    await Promise.all([journal.close(), sink.close()]);
    const { written, synced } = decodeJournal(await readFile(path));
    expect(written.get(0)?.ranges).toEqual([{ start: 0, end: 20 }]);
    expect(synced.get(0)?.ranges).toEqual([{ start: 0, end: 10 }]);
  });
});

describe.runIf(mayMount)("on a disk that is full", () => {
  let disk = "";

  beforeEach(async () => {
    disk = await mkdtemp(join(folder, "disk-"));
    if (!mount(disk)) throw new Error("the small disk could not be mounted");
  });

  afterEach(() => {
    unmount(disk);
  });

  test("a write of which a part was taken is no write", async () => {
    const path = join(disk, "out");
    await writeFile(path, "");
    const sink = await FileSink.open(path);
    await expect(sink.write(new Uint8Array(2 ** 21), 0)).rejects.toEqual(failsWith("output-space"));
    await sink.close();
    // The system took what there was room for, and said so.
    expect((await stat(path)).size).toBe(2 ** 20);
  });

  test("a journal records nothing behind what it could not", async () => {
    const path = join(disk, "journal");
    await writeFile(path, "");
    const journal = await JournalFile.open(path);
    const filler = await open(join(disk, "others"), "w");
    await filler.writeFile(new Uint8Array(2 ** 21)).catch(() => undefined);
    const record = () => journal.record([{ file: 0, byteOffset: 0, byteLength: 10, newNonFinite: 0 }]);
    await expect(record()).rejects.toEqual(failsWith("output-space"));
    await filler.truncate(0);
    await filler.close();
    await expect(record()).rejects.toEqual(failsWith("output-space"));
    await journal.close();
    expect((await stat(path)).size).toBe(0);
  });
});
