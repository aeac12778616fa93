import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { z } from "zod";
import { encodeUtf8 } from "../../src-core/checkpoint/utf8.ts";
import { decodeJournal, encodeSynced, encodeWritten } from "../../src-core/engine/journal.ts";
import { StatisticsBuilder } from "../../src-core/statistics/tensor-statistics.ts";
import { type FuzzDocument, latin1, type Mutator, mutateFiles } from "../../src-core/test-support/fuzz/document.ts";
import { fuzz } from "../../src-core/test-support/fuzz/fuzz.ts";
import type { FuzzName } from "../../src-core/test-support/fuzz/fuzz-cases.ts";
import { mutateBytes } from "../../src-core/test-support/fuzz/mutate-bytes.ts";
import { mutateJson } from "../../src-core/test-support/fuzz/mutate-json.ts";
import { InProcessEngine } from "../../src-core/test-support/in-process-engine.ts";
import { Interruption } from "../engine/interruption.ts";
import { attemptExport, writeModels } from "../export/export-attempts.fixture.ts";
import { parseExportRecord } from "../export/export-record.ts";
import { parsePartRecord } from "../export/part-record.ts";
import { parseProvenance } from "../export/read-provenance.ts";
import { MeasurementStore, parseMeasurements } from "../measuring/measurement-store.ts";
import { recentPathsSchema } from "../models/recent-paths.ts";
import { manifestSchema } from "../samples/sample-manifest.ts";
import { knownDevicesSchema } from "../settings/known-devices.ts";
import { defaultSettings, settingsSchema } from "../settings/settings-schema.ts";
import { tourSchema } from "../window/first-tour.ts";
import { windowPlaceSchema } from "../window/window-place.ts";
import { parseKept } from "./parse-kept.ts";

// Every file that the program writes for itself and reads back.

let folder = "";
/** As exports leave them. */
const records: Record<"export-record" | "part-record" | "provenance" | "measurements", Uint8Array> = {
  "export-record": new Uint8Array(),
  "part-record": new Uint8Array(),
  provenance: new Uint8Array(),
  measurements: new Uint8Array(),
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kept-files-"));
  await writeModels(folder);
  await attemptExport(folder, join(folder, "out"));
  records.provenance = await readFile(join(folder, "out", "chat-vector.json"));
  await attemptExport(folder, join(folder, "shares"), { part: { index: 1, count: 1 } });
  records["part-record"] = await readFile(join(folder, "shares.parts", "part-1-of-1", "chat-vector-part.json"));
  await stopped(join(folder, "stopped"));
  records["export-record"] = await readFile(join(folder, "stopped.partial", "chat-vector-partial.json"));
  const store = new MeasurementStore(folder);
  const measured = ["a", "b"].map((name) => new StatisticsBuilder({ name, elementCount: 3 }, 2, true).finish());
  await store.save("measured", measured);
  records.measurements = await readFile(join(folder, "measured.json"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function stopped(out: string): Promise<void> {
  const engine = new InProcessEngine();
  const abort = new AbortController();
  let writes = 0;
  engine.faults = {
    onWrite: (bytes, write) => {
      if (++writes === 4) abort.abort(new Interruption(true));
      return write(bytes);
    },
  };
  await attemptExport(folder, out, { engine, abort }).catch(() => undefined);
}

const damage = mutateJson(['"cpu"', '"0000000000000000000000000000000000000000000000000000000000000000"']);
const damaged = (mutators: readonly Mutator[]) => (document: FuzzDocument, random: Parameters<Mutator>[1]) => ({
  ...document,
  ...mutateFiles({ file: document.file ?? new Uint8Array() }, random, () => mutators),
});

async function expectBothOutcomes(
  name: FuzzName,
  originals: readonly FuzzDocument[],
  read: (document: FuzzDocument) => string,
  mutators: readonly Mutator[] = [damage],
): Promise<void> {
  const outcomes = await fuzz({ name, originals, mutate: damaged(mutators), read });
  expect(Math.min(outcomes.get("valid") ?? 0, outcomes.get("refused") ?? 0)).toBeGreaterThan(20);
}

/** What is wrong with a record is thrown: by JSON, or by the schema, which says where. */
function outcomeOf(parse: (text: Uint8Array) => unknown, { file = new Uint8Array() }: FuzzDocument): string {
  try {
    parse(file);
    return "valid";
  } catch (error) {
    if (error instanceof Error && (error instanceof SyntaxError || error.name === "ZodError")) return "refused";
    throw error;
  }
}

describe("a damaged file of the program's own is read or refused:", () => {
  test("the record of an unfinished export", () =>
    expectBothOutcomes("export-record", [{ file: records["export-record"] }], (document) =>
      outcomeOf(parseExportRecord, document),
    ));

  test("the record of a finished share", () =>
    expectBothOutcomes("part-record", [{ file: records["part-record"] }], (document) =>
      outcomeOf(parsePartRecord, document),
    ));

  test("what a finished export says of itself", async () => {
    const outcomes = await fuzz({
      name: "provenance",
      originals: [{ file: records.provenance }],
      mutate: damaged([damage]),
      read: ({ file = new Uint8Array() }) => {
        const { files, others } = parseProvenance(file, "chat-vector.json");
        // Whatever it says, it leads to files of its own folder alone.
        for (const { name } of [...files, ...others]) expect(name).not.toMatch(/[/\\]|^\.{1,2}$/);
        return "valid";
      },
    });
    expect(Math.min(outcomes.get("valid") ?? 0, outcomes.get("checkpoint-unsupported") ?? 0)).toBeGreaterThan(20);
  });

  test("measurements", () =>
    expectBothOutcomes("measurements", [{ file: records.measurements }], ({ file = new Uint8Array() }) => {
      const tensors = parseMeasurements(file);
      for (const { vectors } of tensors) for (const { histogram } of vectors) expect(histogram).toHaveLength(128);
      return tensors.length > 0 ? "valid" : "refused";
    }));

  test("settings, the window's place, recent models and recipes, devices, the samples' list", () => {
    const kept: Record<string, [z.ZodType, unknown]> = {
      settings: [settingsSchema, defaultSettings],
      place: [windowPlaceSchema, { version: 1, x: 0, y: 40, width: 1280, height: 800, maximized: false }],
      recents: [recentPathsSchema, { version: 1, paths: ["/models/a", "/models/b"] }],
      devices: [
        knownDevicesSchema,
        { version: 1, gpu: { name: "A GPU", isFallback: false }, cpu: "A CPU", auto: null },
      ],
      tour: [tourSchema, { version: 1, shown: true }],
      samples: [
        manifestSchema,
        { kind: "chat-vector-studio samples", description: { seed: 1 }, files: [{ name: "a", byteLength: 7 }] },
      ],
    };
    const originals = Object.entries(kept).map(([kind, [, value]]) => ({
      kind: encodeUtf8(kind),
      file: encodeUtf8(JSON.stringify(value)),
    }));
    return expectBothOutcomes("kept-json", originals, ({ kind = new Uint8Array(), file = new Uint8Array() }) => {
      const [schema] = kept[latin1(kind)] ?? [];
      if (schema === undefined) throw new Error("no schema");
      return parseKept(Buffer.from(file).toString("utf8"), schema) === null ? "refused" : "valid";
    });
  });

  test("the journal, of which no more is believed than was recorded", async () => {
    const ranges = Array.from({ length: 12 }, (_, at) => ({
      file: at % 3,
      byteOffset: at * 4096,
      byteLength: 4096,
      newNonFinite: at % 2,
    }));
    const first = encodeWritten(ranges.slice(0, 7));
    const journal = Buffer.concat([first, encodeSynced(first.byteLength), encodeWritten(ranges.slice(7))]);
    const claimed = (maps: ReturnType<typeof decodeJournal>["written"]) =>
      [...maps].flatMap(([file, set]) => set.ranges.map(({ start, end }) => ({ file, start, end })));
    const recorded = new Set(ranges.map(({ file, byteOffset }) => `${file}:${byteOffset}`));
    await expectBothOutcomes(
      "journal",
      [{ file: journal }],
      ({ file = new Uint8Array() }) => {
        const { written, byteLength } = decodeJournal(file);
        for (const { file: index, start, end } of claimed(written)) {
          for (let at = start; at < end; at += 4096) expect(recorded.has(`${index}:${at}`)).toBe(true);
        }
        return byteLength === journal.byteLength ? "valid" : "refused";
      },
      [mutateBytes([0, 1, 2, 0xff])],
    );
  });
});
