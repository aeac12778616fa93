import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { FileRange } from "../../src-core/engine/file-ranges.ts";
import { encodeSynced, encodeWritten } from "../../src-core/engine/journal.ts";
import type { OutputLayout } from "../../src-core/plan/merge-plan.ts";
import { ExportWorkspace } from "./export-workspace.ts";
import { findUnfinished } from "./unfinished-export.ts";
import { backend, basis, inAnotherSession, layoutOf, range, readRecord } from "./workspace.fixture.ts";
import { writeSession } from "./write-session.ts";

let folder = "";
let out = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "export-workspace-"));
  out = join(folder, "out");
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const failsWith = (code: string) => expect.objectContaining({ failure: expect.objectContaining({ code }) });
const layout = layoutOf(["model.safetensors"]);
const create = () => ExportWorkspace.create(out, layout, basis, backend);

/** As the next start of the program finds it. */
async function reopen() {
  const found = await findUnfinished(out);
  if (found === null) throw new Error("nothing to go on with");
  return { found, ...(await ExportWorkspace.reopen(out, layout, found.record)) };
}

describe("an export's workspace", () => {
  test("holds files in full size that are no model's until all is written, and gives the name only at the end", async () => {
    const workspace = await create();
    expect(await readdir(folder)).toEqual(["out.partial"]);
    const [path] = workspace.filePaths as [string];
    expect((await readFile(path)).byteLength).toBe(layout.byteLength);
    expect((await readFile(path)).subarray(0, 8)).toEqual(Buffer.alloc(8));
    await workspace.writeHeaders();
    expect((await readFile(path)).readUInt32LE(0)).toBe(layout.files[0]?.headerJson.length);
    await workspace.finish();
    expect(await readdir(folder)).toEqual(["out"]);
    expect(await readdir(out)).toEqual(["model.safetensors"]);
  });

  test("replaces what stood there before only when it is finished", async () => {
    await mkdir(out);
    await writeFile(join(out, "chat-vector.json"), "{}");
    const workspace = await create();
    expect(await readdir(out)).toEqual(["chat-vector.json"]);
    await workspace.finish();
    expect(await readdir(out)).toEqual(["model.safetensors"]);
    expect(await readdir(folder)).toEqual(["out"]);
  });

  test("that died between taking the old model away and giving the new one its name gives the old one back", async () => {
    const workspace = await create();
    await mkdir(join(folder, "old"));
    await writeFile(join(folder, "old", "kept.txt"), "");
    await rename(join(folder, "old"), join(`${out}.partial`, "replaced"));
    await rm(workspace.modelPath, { recursive: true });
    await (await create()).discard();
    expect(await readdir(out)).toEqual(["kept.txt"]);
  });

  test("of an earlier export is made anew; a folder of someone else's with that name is not touched", async () => {
    await create();
    await create();
    await rm(`${out}.partial`, { recursive: true });
    await mkdir(`${out}.partial`);
    await writeFile(join(`${out}.partial`, "notes.txt"), "");
    await expect(create()).rejects.toEqual(failsWith("output-exists"));
    expect(await readdir(`${out}.partial`)).toEqual(["notes.txt"]);
  });

  test("that another process writes to is left to it", async () => {
    await create();
    // The first process of the system always lives.
    await writeFile(join(`${out}.partial`, "lock"), "1");
    await expect(create()).rejects.toEqual(failsWith("output-exists"));
    const found = await findUnfinished(out);
    if (found === null) throw new Error("nothing to go on with");
    await expect(ExportWorkspace.reopen(out, layout, found.record)).rejects.toEqual(failsWith("output-exists"));
  });

  test("that a process of another machine writes to is left to it, until it has been silent for long", async () => {
    const workspace = await create();
    await writeFile(join(`${out}.partial`, "lock"), "1 another-machine");
    await expect(create()).rejects.toThrow(/process 1 of another-machine/);
    const longAgo = new Date(Date.now() - 3_600_000);
    await utimes(join(`${out}.partial`, "lock"), longAgo, longAgo);
    await expect(create()).rejects.toEqual(failsWith("output-exists"));
    await utimes(workspace.journalPath, longAgo, longAgo);
    expect(await readdir(`${out}.partial`)).toContain("lock");
    await (await create()).discard();
  });

  test("says that there is no room before anything is written", async () => {
    const huge = { ...layout, files: [{ ...layout.files[0], byteLength: 2 ** 50 }] } as OutputLayout;
    await expect(ExportWorkspace.create(out, huge, basis, backend)).rejects.toEqual(failsWith("output-space"));
    expect(await readdir(folder)).toEqual([]);
  });
});

describe("what an unfinished export has written", () => {
  /** Where the system does not tell whether its disk stayed, as in containers without /sys, only what was synced counts. */
  const ifDiskStayed = async (ranges: readonly FileRange[]) => ((await writeSession(folder)) === null ? [] : ranges);

  test("counts as soon as it was handed over, while the system was not restarted", async () => {
    const workspace = await create();
    const torn = encodeWritten(range(50, 10)).subarray(0, 31);
    await writeFile(workspace.journalPath, Buffer.concat([encodeWritten(range(10, 20)), torn]));
    const { found, journal } = await reopen();
    const done = await ifDiskStayed([{ file: 0, start: 10, end: 30 }]);
    expect(found.bytesWritten).toBe(done.length === 0 ? 0 : 20);
    expect(journal.done).toEqual(done);
    // What is recorded next stands behind whole records.
    expect((await readFile(workspace.journalPath)).byteLength).toBe(32);
  });

  test("counts after a restart only when it was synced, and for good", async () => {
    const workspace = await create();
    const first = encodeWritten(range(10, 20));
    const journal = Buffer.concat([first, encodeSynced(first.byteLength), encodeWritten(range(30, 20))]);
    await writeFile(workspace.journalPath, journal);
    expect((await readRecord(out)).session).toBe(await writeSession(folder));
    await inAnotherSession(out);
    const synced = [{ file: 0, start: 10, end: 30 }];
    const atFirst = await reopen();
    expect(atFirst.journal.done).toEqual(synced);
    // What the window shows of it, before anyone goes on.
    expect(atFirst.found.bytesWritten).toBe(20);
    // The lost range must not come back by being in the same session from now on.
    expect((await reopen()).journal.done).toEqual(synced);
    // What is written from now on counts as soon as it is handed over again.
    await appendFile(workspace.journalPath, encodeWritten(range(60, 5)));
    expect((await reopen()).journal.done).toEqual([
      ...synced,
      ...(await ifDiskStayed([{ file: 0, start: 60, end: 65 }])),
    ]);
  });

  test("counts not at all in a file that the crash has shortened", async () => {
    const workspace = await create();
    await writeFile(workspace.journalPath, encodeWritten(range(10, 20)));
    await truncate(workspace.filePaths[0] as string, 50);
    expect((await reopen()).journal.done).toEqual([]);
    expect((await readFile(workspace.filePaths[0] as string)).byteLength).toBe(layout.byteLength);
  });

  test("is synced and recorded as such when the export rests", async () => {
    const workspace = await create();
    await writeFile(workspace.journalPath, encodeWritten(range(10, 20)));
    await workspace.sync();
    await inAnotherSession(out);
    expect((await reopen()).journal.done).toEqual([{ file: 0, start: 10, end: 30 }]);
  });
});
