import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { StudioError } from "../../src-core/errors.ts";
import { KeptJson } from "../kept/kept-json.ts";
import { SettingsInEffect } from "./settings-in-effect.ts";
import { defaultSettings, settingsChangeSchema, settingsSchema } from "./settings-schema.ts";

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chat-vector-settings-"));
  path = join(folder, "profile", "settings.json");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const start = () => new SettingsInEffect(new KeptJson(path, settingsSchema));
const write = (text: string) => {
  mkdirSync(join(folder, "profile"), { recursive: true });
  writeFileSync(path, text);
};

describe("the settings", () => {
  test("are the defaults at first, hold at once, and are there at the next start", () => {
    const settings = start();
    expect(settings.present).toEqual(defaultSettings);
    expect(existsSync(path)).toBe(false);
    const seen: unknown[] = [];
    settings.onChange((present, before) => seen.push([before.compute, present.compute]));
    settings.change({ compute: "cpu", modelFolders: ["/data/models"] });
    expect(seen).toEqual([["auto", "cpu"]]);
    expect(settings.present).toMatchObject({ compute: "cpu", shardBytes: 5e9, keepMeasurements: true });
    expect(start().present).toEqual({ ...defaultSettings, compute: "cpu", modelFolders: ["/data/models"] });
    // Nothing but the file: what was being written has its place taken.
    expect(readdirSync(join(folder, "profile"))).toEqual(["settings.json"]);
  });

  test("of the version before keep what they say; what a later one says beyond them is passed over", () => {
    write(JSON.stringify({ version: 1, appearance: "dark", language: "tlh" }));
    expect(start().present).toEqual({ ...defaultSettings, appearance: "dark" });
    expect(start().setAside).toBeNull();
  });

  test.each([
    ["no JSON", "{"],
    ["nothing", ""],
    ["a list", "[]"],
    ["another version", '{"version": 2}'],
    ["a value that no setting has", '{"version": 1, "compute": "quantum"}'],
    ["a size below one byte", '{"version": 1, "shardBytes": 0}'],
    ["more folders than are searched", JSON.stringify({ version: 1, modelFolders: Array(33).fill("/a") })],
    ["far too much", `{"version": 1, "a": "${"a".repeat(2 ** 21)}"}`],
  ])("that are %s are set aside, and the defaults hold", (_, text) => {
    write(text);
    const settings = start();
    expect(settings.present).toEqual(defaultSettings);
    const aside = join(folder, "profile", "settings.broken.json");
    expect(settings.setAside).toBe(aside);
    expect(readFileSync(aside, "utf8")).toBe(text);
    settings.change({ appearance: "light" });
    expect(start().present.appearance).toBe("light");
    expect(start().setAside).toBeNull();
    expect(readFileSync(aside, "utf8")).toBe(text);
  });

  test("that cannot be kept hold until the program ends, and say so", () => {
    const settings = start();
    writeFileSync(join(folder, "profile"), "a file where the folder should be");
    expect(() => settings.change({ outputDtype: "F16" })).toThrow(StudioError);
    expect(settings.present.outputDtype).toBe("F16");
  });

  test("may be changed by the window but for folders, which main asks for", () => {
    expect(settingsChangeSchema.safeParse({ shardBytes: 1e9 }).success).toBe(true);
    for (const change of [{ exportFolder: "/etc" }, { modelFolders: ["/etc"] }, { version: 2 }, { shardBytes: 0.5 }])
      expect(settingsChangeSchema.safeParse(change).success, JSON.stringify(change)).toBe(false);
  });
});
