import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { WriteBehind } from "../export/write-behind.ts";
import { MappedFile } from "./mapped-file.ts";
import { readingOf } from "./planned-reading.ts";

const file = (byteLength: number, share: number) => ({ byteLength, residentShare: () => share });

describe("how models are read", () => {
  test("is what was asked for", () => {
    expect(readingOf("direct", [file(1, 1)], 100)).toBe("direct");
    expect(readingOf("buffered", [file(1000, 0)], 100)).toBe("buffered");
  });

  test("is through the page cache where that can hold them, or holds the most of them", () => {
    expect(readingOf("auto", [file(60, 0), file(40, 0)], 100)).toBe("buffered");
    expect(readingOf("auto", [file(150, 0.5), file(50, 1)], 100)).toBe("buffered");
    expect(readingOf("auto", [file(1000, 0)], null)).toBe("buffered");
  });

  test("is tried where they are cold and larger than the memory that is free", () => {
    expect(readingOf("auto", [file(60, 0), file(60, 0)], 100)).toBe("faster");
    expect(readingOf("auto", [file(300, 0.5), file(10, 1)], 100)).toBe("faster");
  });
});

test.runIf(process.platform === "linux")("how much of a file is in the page cache shows", async () => {
  const folder = await mkdtemp(join(tmpdir(), "planned-reading-"));
  const path = join(folder, "file");
  const byteLength = 96 * 2 ** 20;
  await writeFile(path, new Uint8Array(byteLength).fill(1));
  const mapped = await MappedFile.open(path);
  expect(mapped.residentShare()).toBe(1);
  const handle = await open(path, "r");
  const behind = new WriteBehind(handle.fd);
  await behind.passed(byteLength);
  await behind.rest();
  // Twelve stretches of 8 MiB, of which the last four are on their way.
  expect(mapped.residentShare()).toBeGreaterThan(0.3);
  expect(mapped.residentShare()).toBeLessThan(0.4);
  mapped.close();
  expect(mapped.residentShare()).toBe(1);
  await handle.close();
  await rm(folder, { recursive: true });
});
