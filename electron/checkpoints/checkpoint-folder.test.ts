import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src-core/checkpoint/open-checkpoint.ts";
import { formatShardIndex } from "../../src-core/checkpoint/shard-index.ts";
import { rejectionOf } from "../../src-core/test-support/failure-of.ts";
import { safetensorsBytes } from "../../src-core/test-support/safetensors-bytes.ts";
import { type NodeCheckpointFolder, openCheckpointFolder } from "./checkpoint-folder.ts";

const isWindows = process.platform === "win32";
let root: string;
let opened: NodeCheckpointFolder[];

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "checkpoint-folder-")));
  opened = [];
});

afterEach(() => {
  for (const folder of opened) folder.close();
  rmSync(root, { recursive: true, force: true });
});

/** Writes a file under the root, with its folders. */
function write(path: string, content: Uint8Array | string = "x"): string {
  const absolute = join(root, path);
  mkdirSync(dirname(absolute), { recursive: true });
  writeFileSync(absolute, content);
  return absolute;
}

/** A relative link, as the Hugging Face cache makes them. Both paths are under the root. */
function link(path: string, target: string): string {
  const absolute = join(root, path);
  mkdirSync(dirname(absolute), { recursive: true });
  symlinkSync(relative(dirname(absolute), join(root, target)), absolute);
  return absolute;
}

async function open(path: string): Promise<NodeCheckpointFolder> {
  const folder = await openCheckpointFolder(join(root, path));
  opened.push(folder);
  return folder;
}

async function kinds(path: string): Promise<Record<string, string>> {
  const entries = await (await open(path)).list();
  return Object.fromEntries(entries.map(({ name, kind }) => [name, kind]).sort());
}

const weights = (...names: string[]) => safetensorsBytes(names.map((name) => ({ name, dtype: "F16", shape: [4] })));

describe("a model's folder", () => {
  it("lists files and folders", async () => {
    write("model/config.json", "{}");
    write("model/sub/file");
    const folder = await open("model");
    expect(new Set(await folder.list())).toEqual(
      new Set([
        { name: "config.json", kind: "file" },
        { name: "sub", kind: "folder" },
      ]),
    );
    expect(folder.path).toBe(join(root, "model"));
    expect(folder.pickedFile).toBeNull();
  });

  it("opens a file once and says where it lies and what it was", async () => {
    const path = write("model/a.safetensors", weights("a"));
    const folder = await open("model");
    const file = await folder.open("a.safetensors");
    expect(await folder.open("a.safetensors")).toBe(file);
    expect(file.name).toBe(path);
    const { size, mtimeMs } = await stat(path);
    expect(folder.identityOf("a.safetensors")).toMatchObject({ realPath: path, byteLength: size, modifiedMs: mtimeMs });
    expect(await folder.locate("a.safetensors")).toBe(folder.identityOf("a.safetensors"));
  });

  it("tells that an opened file is another one now, by each of what it was", async () => {
    const path = write("model/a.safetensors", weights("a"));
    const time = new Date(1.5e12);
    const changes: Record<string, () => void> = {
      "its time": () => utimesSync(path, time, new Date(1.6e12)),
      "its size": () => appendFileSync(path, "more"),
      "another file of its size and time": () => {
        writeFileSync(`${path}.new`, readFileSync(path));
        utimesSync(`${path}.new`, time, time);
        renameSync(`${path}.new`, path);
      },
      "no file": () => rmSync(path),
    };
    for (const [what, change] of Object.entries(changes)) {
      writeFileSync(path, weights("a"));
      utimesSync(path, time, time);
      const folder = await open("model");
      await folder.open("a.safetensors");
      expect(await folder.firstChangedFile(), what).toBeNull();
      change();
      if (what === "its size") utimesSync(path, time, time);
      expect(await folder.firstChangedFile(), what).toBe(path);
      folder.close();
    }
  });

  it("says where a file lies that was not opened", async () => {
    const path = write("model/tokenizer.json", "{}");
    const folder = await open("model");
    expect(await folder.locate("tokenizer.json")).toMatchObject({ realPath: path, byteLength: 2 });
    expect(() => folder.identityOf("tokenizer.json")).toThrow(/not opened/);
  });

  it("may be one file, whose neighbours are seen", async () => {
    write("models/config.json", '{"hidden_size":3}');
    write("models/base.safetensors", weights("b"));
    write("models/chat.safetensors", weights("c"));
    const folder = await open("models/chat.safetensors");
    expect(folder.pickedFile).toBe("chat.safetensors");
    const checkpoint = await openCheckpoint(folder);
    expect(checkpoint.path).toBe(join(root, "models/chat.safetensors"));
    expect(checkpoint.tensors.map(({ name }) => name)).toEqual(["c"]);
    expect(checkpoint.config?.hiddenSize).toBe(3);
  });

  it("is not read once it is closed, and may be closed twice", async () => {
    write("model/a");
    const folder = await open("model");
    const file = await folder.open("a");
    const opening = folder.open("a");
    folder.close();
    folder.close();
    await opening;
    await new Promise(setImmediate);
    expect(() => file.copyInto(new Uint8Array(1), 0)).toThrow(/closed/);
    await expect(folder.open("a")).rejects.toThrow(/closed/);
    await expect(folder.list()).rejects.toThrow(/closed/);
  });

  it("unmaps a file that was still being opened when it was closed", async () => {
    write("model/a");
    const folder = await open("model");
    const opening = folder.open("a");
    folder.close();
    await expect(opening).rejects.toThrow(/closed/);
  });

  it("is refused when it is not there, or is no place for a model", async () => {
    const missing = await rejectionOf(() => openCheckpointFolder(join(root, "none")));
    expect(missing).toMatchObject({ code: "checkpoint-not-found", where: join(root, "none") });
    const below = await rejectionOf(() => openCheckpointFolder(join(write("file"), "below")));
    expect(below.code).toBe("checkpoint-not-found");
    if (isWindows) return;
    const device = await rejectionOf(() => openCheckpointFolder("/dev/null"));
    expect(device).toMatchObject({ code: "checkpoint-unsupported", where: "/dev/null" });
  });

  it("opens names that it lists, and no paths", async () => {
    write("secret");
    write("model/sub/a");
    const folder = await open("model");
    for (const name of ["../secret", "sub/a", "..", ".", "", join(root, "secret")]) {
      await expect(folder.open(name)).rejects.toThrow(/not listed/);
    }
    expect((await rejectionOf(() => folder.open("sub"))).code).toBe("checkpoint-not-found");
    expect((await rejectionOf(() => folder.open("none"))).code).toBe("checkpoint-not-found");
  });
});

describe.skipIf(isWindows)("a link in a model's folder", () => {
  it("is followed inside the folder", async () => {
    write("model/real/weights", weights("a"));
    link("model/a.safetensors", "model/real/weights");
    link("model/b.safetensors", "model/a.safetensors");
    link("model/sub", "model/real");
    expect(await kinds("model")).toEqual({
      "a.safetensors": "file",
      "b.safetensors": "file",
      real: "folder",
      sub: "folder",
    });
  });

  it("is followed from a Hugging Face snapshot into the blobs, over other links, and through a linked folder", async () => {
    const cache = "hub/models--org--name";
    const blob = write(`${cache}/blobs/abc123`, weights("a"));
    link(`${cache}/snapshots/1f/model.safetensors`, `${cache}/blobs/abc123`);
    link(`${cache}/snapshots/2f/model.safetensors`, `${cache}/snapshots/1f/model.safetensors`);
    link("shortcut", `${cache}/snapshots/2f`);
    for (const path of [`${cache}/snapshots/1f`, `${cache}/snapshots/2f`, "shortcut"]) {
      const folder = await open(path);
      expect((await openCheckpoint(folder)).tensors).toHaveLength(1);
      expect(folder.identityOf("model.safetensors").realPath).toBe(blob);
      // Messages name the file as the user does.
      expect((await folder.open("model.safetensors")).name).toBe(join(root, path, "model.safetensors"));
    }
  });

  it("is followed into blobs that models share", async () => {
    write("store/blobs/ab/abcdef", weights("a"));
    link("hub/models--org--name/blobs/abcdef", "store/blobs/ab/abcdef");
    link("hub/models--org--name/snapshots/1f/model.safetensors", "hub/models--org--name/blobs/abcdef");
    expect(await kinds("hub/models--org--name/snapshots/1f")).toEqual({ "model.safetensors": "file" });
  });

  it("is not followed to anywhere else, another cached model included", async () => {
    write("elsewhere/weights", weights("a"));
    write("model-2/weights", weights("a"));
    write("hub/models--org--other/snapshots/1f/weights", weights("a"));
    link("model/a.safetensors", "elsewhere/weights");
    link("model/b.safetensors", "model-2/weights");
    link("model/sub", "elsewhere");
    link("hub/models--org--name/snapshots/1f/c.safetensors", "hub/models--org--other/snapshots/1f/weights");
    symlinkSync("/etc/hostname", join(root, "model/d.safetensors"));
    expect(await kinds("model")).toEqual({
      "a.safetensors": "outside",
      "b.safetensors": "outside",
      "d.safetensors": "outside",
      sub: "outside",
    });
    expect(await kinds("hub/models--org--name/snapshots/1f")).toEqual({ "c.safetensors": "outside" });
    const folder = await open("model");
    expect((await rejectionOf(() => folder.open("a.safetensors"))).code).toBe("shard-outside");
    const failure = await rejectionOf(() => openCheckpoint(folder));
    expect(failure.code).toBe("shard-outside");
    expect(failure.where).toContain("a.safetensors");
  });

  it("is followed wherever it leads when it was picked itself", async () => {
    const path = write("elsewhere/weights", weights("a"));
    link("model/a.safetensors", "elsewhere/weights");
    const folder = await open("model/a.safetensors");
    expect((await openCheckpoint(folder)).tensors).toHaveLength(1);
    expect(folder.identityOf("a.safetensors").realPath).toBe(path);
  });

  it("is broken when it leads nowhere, or in a circle", async () => {
    link("model/gone.safetensors", "model/none");
    link("model/circle.safetensors", "model/circle.safetensors");
    expect(await kinds("model")).toEqual({ "gone.safetensors": "broken-link", "circle.safetensors": "broken-link" });
    const index = formatShardIndex([["w", "gone.safetensors"]], 8);
    write("model/model.safetensors.index.json", index);
    expect(await rejectionOf(async () => openCheckpoint(await open("model")))).toMatchObject({
      code: "shard-missing",
      actual: "a link that leads nowhere",
    });
  });
});

describe.skipIf(isWindows)("a pipe or a device in a model's folder", () => {
  it("is told from a file without being opened", async () => {
    mkdirSync(join(root, "model"));
    execFileSync("mkfifo", [join(root, "model/model.safetensors")]);
    expect(await kinds("model")).toEqual({ "model.safetensors": "other" });
    const failure = await rejectionOf(async () => openCheckpoint(await open("model")));
    expect(failure).toMatchObject({ code: "shard-missing", actual: "a device, pipe or socket" });
  });

  it("is refused when it takes a listed file's name", async () => {
    const path = write("model/a.safetensors", weights("a"));
    const folder = await open("model");
    expect(await folder.list()).toMatchObject([{ kind: "file" }]);
    renameSync(path, join(root, "away"));
    execFileSync("mkfifo", [path]);
    expect((await rejectionOf(() => folder.open("a.safetensors"))).code).toBe("checkpoint-not-found");
  });
});
