import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openCheckpoint } from "../../src-core/checkpoint/open-checkpoint.ts";
import { encodeSafetensorsHeader, layoutSafetensors } from "../../src-core/checkpoint/safetensors-writer.ts";
import { StatisticsBuilder } from "../../src-core/statistics/tensor-statistics.ts";
import { openCheckpointFolder } from "../checkpoints/checkpoint-folder.ts";
import { contentIdentity } from "../checkpoints/content-identity.ts";
import { MeasurementStore } from "./measurement-store.ts";

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "measurement-store-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const statistics = (name: string) => new StatisticsBuilder({ name, elementCount: 3 }, 1, true).finish();

describe("the store of measurements", () => {
  test("gives back what was saved, histograms and all", async () => {
    const store = new MeasurementStore(join(folder, "kept"));
    const saved = [statistics("a"), statistics("b")];
    await store.save("key", saved);
    expect(await store.load("key")).toEqual(saved);
    expect(await readdir(join(folder, "kept"))).toEqual(["key.json"]);
  });

  test("keeps nothing more once that is not wanted; what was kept is good until it is forgotten", async () => {
    let keeps = true;
    const store = new MeasurementStore(join(folder, "kept"), () => keeps);
    expect(await store.kept()).toEqual({ count: 0, bytes: 0 });
    await store.save("one", [statistics("a")]);
    keeps = false;
    await store.save("two", [statistics("b")]);
    expect(await store.load("one")).toHaveLength(1);
    expect(await store.load("two")).toEqual([]);
    expect((await store.kept()).count).toBe(1);
    expect((await store.kept()).bytes).toBeGreaterThan(100);
    await store.forget();
    expect(await store.kept()).toEqual({ count: 0, bytes: 0 });
    expect(await store.load("one")).toEqual([]);
  });

  test("knows nothing of another key, of a damaged file, or of another version's", async () => {
    const store = new MeasurementStore(folder);
    expect(await store.load("key")).toEqual([]);
    await writeFile(join(folder, "key.json"), '{"version":1,"tensors":[{"vectors":[{"histogram":[1]}]}]}');
    expect(await store.load("key")).toEqual([]);
    await writeFile(join(folder, "key.json"), '{"version":0,"tensors":[]}');
    expect(await store.load("key")).toEqual([]);
  });

  test("keeps the latest two hundred", async () => {
    const store = new MeasurementStore(folder);
    for (let index = 0; index < 200; index++) {
      await writeFile(join(folder, `${index}.json`), "{}");
      await utimes(join(folder, `${index}.json`), index, index);
    }
    await store.save("newest", []);
    const names = await readdir(folder);
    expect(names).toHaveLength(200);
    expect(names).toContain("newest.json");
    expect(names).not.toContain("0.json");
  });
});

describe("a checkpoint's identity", () => {
  async function write(name: string, values: number[], modified = 1000) {
    const layout = layoutSafetensors(
      [{ name: "a", dtype: "U8", shape: [values.length], byteLength: values.length }],
      {},
    );
    await writeFile(
      join(folder, name),
      Buffer.concat([encodeSafetensorsHeader(layout.headerJson), Buffer.from(values)]),
    );
    await utimes(join(folder, name), modified, modified);
  }

  async function identity(name: string): Promise<string> {
    const opened = await openCheckpointFolder(join(folder, name));
    const checkpoint = await openCheckpoint(opened);
    const found = await contentIdentity(checkpoint, opened);
    opened.close();
    return found;
  }

  test("is its content's, not its name's", async () => {
    await write("one.safetensors", [1, 2, 3, 4]);
    await write("two.safetensors", [1, 2, 3, 4]);
    await write("other.safetensors", [1, 2, 3, 5]);
    expect(await identity("one.safetensors")).toBe(await identity("two.safetensors"));
    expect(await identity("one.safetensors")).not.toBe(await identity("other.safetensors"));
  });

  test("changes with the file's time, since not every byte is looked at", async () => {
    await write("one.safetensors", [1, 2, 3, 4], 1000);
    const before = await identity("one.safetensors");
    await write("one.safetensors", [1, 2, 3, 4], 2000);
    expect(await identity("one.safetensors")).not.toBe(before);
  });
});
