import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { findElectron } from "./electron-runtime.mjs";
import { fuseFaults, readFuses } from "./fuses.mjs";

const folder = mkdtempSync(join(tmpdir(), "fuses-"));
afterAll(() => rmSync(folder, { recursive: true }));

const sentinel = "dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX";
const wire = (states: string, version = 1) =>
  Buffer.from(`..${sentinel}${String.fromCharCode(version, states.length)}${states}..`);

function binary(...parts: Buffer[]): string {
  const path = join(folder, "binary");
  writeFileSync(path, Buffer.concat(parts));
  return path;
}

describe("the fuses of a binary", () => {
  test("are none of the wanted faults when they are as wanted", () => {
    expect(fuseFaults(binary(wire("00001100")))).toEqual([]);
    expect(fuseFaults(binary(wire("000011r0")))).toEqual([]);
  });

  test("are told by name where they are not, in every wire", () => {
    expect(fuseFaults(binary(wire("10001100"), wire("00001101")))).toEqual([
      "runAsNode is true, expected false",
      "grantFileProtocolExtraPrivileges is true, expected false",
    ]);
  });

  test("cannot be read where there are none, or of another kind", () => {
    expect(() => readFuses(binary(Buffer.from("nothing")))).toThrow("no fuse wire");
    expect(() => readFuses(binary(wire("0", 2)))).toThrow("version 2");
    expect(() => readFuses(binary(wire("x")))).toThrow('in the state "x"');
  });

  const electron = findElectron()?.executablePath;
  test.skipIf(electron === undefined || process.platform === "darwin")(
    "of Electron as it comes are not ours yet",
    () => {
      const [fuses] = readFuses(electron ?? "");
      expect(fuses).toMatchObject({ runAsNode: true, enableNodeCliInspectArguments: true, onlyLoadAppFromAsar: false });
      expect(fuseFaults(electron ?? "")).toContain("runAsNode is true, expected false");
      // What packaging does to them.
      const bytes = readFileSync(electron ?? "");
      const at = bytes.indexOf(sentinel) + sentinel.length + 2;
      const wanted = "00001100".slice(0, Object.keys(fuses ?? {}).length);
      const path = binary(
        Buffer.concat([bytes.subarray(0, at), Buffer.from(wanted), bytes.subarray(at + wanted.length)]),
      );
      expect(fuseFaults(path)).toEqual([]);
    },
  );
});
