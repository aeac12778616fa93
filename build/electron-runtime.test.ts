import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { checkout } from "./checkout.mjs";
import { electronArguments, ensureElectron, findElectron } from "./electron-runtime.mjs";
import { BootstrapError } from "./messages.mjs";

let folder = "";
let executable = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "electron-runtime-"));
  executable = join(folder, "electron");
  mkdirSync(join(folder, "resources"));
  writeFileSync(executable, "");
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const command = { mode: "command", args: ["merge", "--base", "a b"], switches: ["--no-sandbox"] } as const;

describe.runIf(process.platform === "linux")("what Electron is started with", () => {
  it("names the application where Electron has a start page of its own", () => {
    writeFileSync(join(folder, "resources", "default_app.asar"), "");
    expect(electronArguments(executable, command)).toEqual([
      ...["--no-sandbox", checkout, "--cli", "--", "merge", "--base", "a b"],
    ]);
  });

  it("leaves it out where the application lies inside Electron", () => {
    mkdirSync(join(folder, "resources", "app"));
    expect(electronArguments(executable, command)).toEqual(["--no-sandbox", "--cli", "--", "merge", "--base", "a b"]);
    expect(electronArguments(executable, { mode: "window", args: [] })).toEqual(["--"]);
  });

  it("is refused where neither holds", () => {
    expect(() => electronArguments(executable, command)).toThrow(BootstrapError);
  });
});

describe.runIf(process.platform === "linux")("ELECTRON_OVERRIDE_DIST_PATH", () => {
  it("is the Electron to run, without a warning", async () => {
    vi.stubEnv("ELECTRON_OVERRIDE_DIST_PATH", folder);
    expect(await ensureElectron()).toEqual({ executablePath: executable, warning: null });
    expect(findElectron()?.executablePath).toBe(executable);
  });

  it("is an error where no Electron lies", async () => {
    vi.stubEnv("ELECTRON_OVERRIDE_DIST_PATH", join(folder, "resources"));
    await expect(ensureElectron()).rejects.toThrow(BootstrapError);
  });
});
