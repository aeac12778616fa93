import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { encodeSynced, encodeWritten } from "../../src-core/engine/journal.ts";
import { StudioError } from "../../src-core/errors.ts";
import { ExportWorkspace } from "./export-workspace.ts";
import { systemCallsOf } from "./system-calls.fixture.ts";
import { findUnfinished } from "./unfinished-export.ts";
import { backend, basis, inAnotherSession, layoutOf, range, readRecord } from "./workspace.fixture.ts";

// What a cut of the current would show only on file systems that keep less in order than ext4 does (lost-disks.test.ts).

let folder = "";
let out = "";

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "put-on-disk-")));
  out = join(folder, "out");
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const layout = layoutOf(["a.safetensors", "b.safetensors"]);
const create = () => ExportWorkspace.create(out, layout, basis, backend);

async function reopen() {
  const found = await findUnfinished(out);
  if (found === null) throw new Error("nothing to go on with");
  return await ExportWorkspace.reopen(out, layout, found.record);
}

describe.runIf(process.platform === "linux")("what is put on the disk for good", () => {
  test("when an export begins, is all that it goes on with, and the names of its files", async () => {
    const calls = await systemCallsOf(folder, create);
    expect(calls.slice(0, 2)).toEqual([
      "sync out.partial/chat-vector-partial.json.new",
      "rename out.partial/chat-vector-partial.json.new out.partial/chat-vector-partial.json",
    ]);
    expect(calls.slice(2, -2).sort()).toEqual([
      "sync out.partial/chat-vector-partial.json",
      "sync out.partial/journal",
      "sync out.partial/lock",
      "sync out.partial/model",
    ]);
    expect(calls.slice(-2)).toEqual(["sync out.partial", "sync ."]);
  });

  test("when it rests, are its files, and only then the journal's word for it", async () => {
    const workspace = await create();
    expect(await systemCallsOf(folder, () => workspace.sync())).toEqual([
      "sync out.partial/model/a.safetensors",
      "sync out.partial/model/b.safetensors",
      "sync out.partial/journal",
    ]);
  });

  test("when it goes on in another session, is a journal without what may be lost, and only then the session's name", async () => {
    await create();
    await inAnotherSession(out);
    expect(await systemCallsOf(folder, reopen)).toEqual([
      "sync out.partial/journal.new",
      "rename out.partial/journal.new out.partial/journal",
      "sync out.partial/chat-vector-partial.json.new",
      "rename out.partial/chat-vector-partial.json.new out.partial/chat-vector-partial.json",
    ]);
  });

  test("when it ends, are all files and their names, before the model gets its own as the last step, and that", async () => {
    const workspace = await create();
    await mkdir(out);
    const calls = await systemCallsOf(folder, () => workspace.finish());
    expect(calls.slice(0, 2).sort()).toEqual([
      "sync out.partial/model/a.safetensors",
      "sync out.partial/model/b.safetensors",
    ]);
    expect(calls.slice(2)).toEqual([
      "sync out.partial/model",
      "rename out out.partial/replaced",
      "rename out.partial/model out",
      "sync .",
    ]);
  });
});

describe.runIf(process.platform === "linux")("what the system refuses at the end", () => {
  const failsWith = (code: string) => expect.objectContaining({ failure: expect.objectContaining({ code }) });

  test("leaves the old model under its name, where the new one cannot have it", async () => {
    await mkdir(out);
    await writeFile(join(out, "kept.txt"), "");
    const workspace = await create();
    const naming = "rename out.partial/model out";
    const ending = systemCallsOf(
      folder,
      () => workspace.finish(),
      (call) => (call === naming ? "EACCES" : null),
    );
    await expect(ending).rejects.toEqual(failsWith("output-permission"));
    expect(await readdir(out)).toEqual(["kept.txt"]);
    expect(await readdir(workspace.modelPath)).toEqual(["a.safetensors", "b.safetensors"]);
  });

  test.each([
    ["EIO", "the disk is gone", false],
    ["EINVAL", "the file system syncs no folders", true],
  ])("(%s) for the name is told, or not, as %s", async (code, _, isFine) => {
    const workspace = await create();
    const ending = systemCallsOf(
      folder,
      () => workspace.finish(),
      (call) => (call === "sync ." ? code : null),
    );
    if (isFine) await ending;
    else await expect(ending).rejects.toEqual(failsWith("write-failed"));
  });
});

describe("an end that was cut short between the two names", () => {
  beforeEach(async () => {
    const workspace = await create();
    await mkdir(join(`${out}.partial`, "replaced"));
    await writeFile(join(`${out}.partial`, "replaced", "kept.txt"), "");
    await workspace.release();
  });

  test("gives the old model back, to whoever goes on and cancels then", async () => {
    const { workspace } = await reopen();
    expect(await readdir(out)).toEqual(["kept.txt"]);
    await workspace.discard();
    expect(await readdir(folder)).toEqual(["out"]);
  });

  test("is brought to its end by whoever goes on", async () => {
    await (await reopen()).workspace.finish();
    expect(await readdir(folder)).toEqual(["out"]);
    expect((await readdir(out)).sort()).toEqual(["a.safetensors", "b.safetensors"]);
  });
});

describe("a journal that loses what may be lost", () => {
  const first = encodeWritten(range(10, 20));
  const journalPath = () => join(`${out}.partial`, "journal");

  test("has lost it before anything could believe it: a start that failed in between changes nothing", async () => {
    await create();
    await writeFile(
      journalPath(),
      Buffer.concat([first, encodeSynced(first.byteLength), encodeWritten(range(30, 20))]),
    );
    await inAnotherSession(out);
    // Where the new journal is written.
    await mkdir(`${journalPath()}.new`);
    await expect(reopen()).rejects.toMatchObject({ failure: { code: expect.any(String) } });
    expect((await readRecord(out)).session).toBe("another start of the system");
    await rm(`${journalPath()}.new`, { recursive: true });
    expect((await reopen()).journal.done).toEqual([{ file: 0, start: 10, end: 30 }]);
  });

  test("has what is left on the disk for good, through any number of restarts", async () => {
    await create();
    await writeFile(journalPath(), Buffer.concat([first, encodeSynced(first.byteLength)]));
    for (const _ of [1, 2, 3]) {
      await inAnotherSession(out);
      expect((await reopen()).journal.done).toEqual([{ file: 0, start: 10, end: 30 }]);
    }
  });

  test("because one file was cut does not say that the others are on the disk for good", async () => {
    await create();
    await writeFile(journalPath(), Buffer.concat([encodeWritten(range(10, 20)), encodeWritten(range(10, 20, 1))]));
    await rm(join(`${out}.partial`, "model", "a.safetensors"));
    await reopen();
    await inAnotherSession(out);
    expect((await reopen()).journal.done).toEqual([]);
  });
});

describe("a disk that has refused something, and told someone else of it", () => {
  const refusal = new StudioError({ code: "write-failed", what: "The disk did not take what was written" });
  const written = encodeWritten(range(10, 20));

  async function withJournal(): Promise<ExportWorkspace> {
    const workspace = await create();
    await writeFile(workspace.journalPath, written);
    return workspace;
  }

  test("is not believed when it takes the rest", async () => {
    const workspace = await withJournal();
    await expect(workspace.sync(() => Promise.reject(refusal))).rejects.toBe(refusal);
    expect(await readFile(workspace.journalPath)).toEqual(Buffer.from(written));
  });

  test("is not believed by who keeps what is written, nor by who goes on", async () => {
    const workspace = await withJournal();
    await workspace.distrust();
    await expect(workspace.sync()).rejects.toMatchObject({ failure: { code: "write-failed" } });
    await workspace.release();
    expect((await reopen()).journal.done).toEqual([]);
  });
});

test("an export's folder is this process's from the beginning, until it is let go", async () => {
  const workspace = await create();
  const lock = () => readFile(join(`${out}.partial`, "lock"), "utf8");
  expect(await lock()).toMatch(new RegExp(`^${process.pid} `));
  await workspace.release();
  await expect(lock()).rejects.toMatchObject({ code: "ENOENT" });
});
