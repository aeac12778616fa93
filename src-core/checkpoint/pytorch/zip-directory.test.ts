import { describe, expect, it } from "vitest";
import { rejectionOf } from "../../test-support/failure-of.ts";
import { MemorySource } from "../../test-support/memory-folder.ts";
import { concat, sparseZip, type ZipEndFields, type ZipMember, zipBytes } from "../../test-support/zip-bytes.ts";
import { readZipDirectory } from "./zip-directory.ts";
import { locateZipMember } from "./zip-member.ts";

const bytes = Uint8Array.from({ length: 100 }, (_, i) => i);
const open = async (archive: Uint8Array) => {
  const source = new MemorySource(archive, "m.bin");
  const places: [string, number, number][] = [];
  for (const entry of (await readZipDirectory(source)).values()) {
    places.push([entry.name, await locateZipMember(source, entry), entry.byteLength]);
  }
  return places;
};
const refusal = (members: readonly ZipMember[], end: ZipEndFields = {}) =>
  rejectionOf(() => open(zipBytes(members, end)));

describe("a zip archive", () => {
  it("is empty, or gives each member's place", async () => {
    expect(await open(zipBytes([]))).toEqual([]);
    const members = [
      { name: "r/a", bytes },
      { name: "r/", bytes: new Uint8Array() },
      { name: "r/b/c", bytes, flags: 0x808, alignment: 64 },
    ];
    const archive = zipBytes(members);
    const places = await open(archive);
    expect(places.map(([name, , byteLength]) => [name, byteLength])).toEqual([
      ["r/a", 100],
      ["r/", 0],
      ["r/b/c", 100],
    ]);
    for (const [, at, byteLength] of places)
      expect(archive.slice(at, at + byteLength)).toEqual(bytes.slice(0, byteLength));
    expect(places[2]?.[1]).toBe(Math.ceil((places[2]?.[1] ?? 0) / 64) * 64);
  });

  it("may have members beyond 4 GiB, and longer ones", async () => {
    const sixGibibytes = 6 * 2 ** 30;
    const source = sparseZip(
      [
        { name: "long", bytes: new Uint8Array(), hole: sixGibibytes, zip64: true, flags: 0x808, alignment: 64 },
        { name: "far", bytes, zip64: true, flags: 0x808, alignment: 64 },
      ],
      { zip64: true },
    );
    const [long, far] = [...(await readZipDirectory(source)).values()];
    expect(long?.byteLength).toBe(sixGibibytes);
    expect(far?.byteLength).toBe(100);
    const found = new Uint8Array(100);
    if (far !== undefined) await source.readInto(found, await locateZipMember(source, far));
    expect(found).toEqual(bytes);
  });

  it("is refused wherever it is cut, and when something was added", async () => {
    const archive = zipBytes([{ name: "a", bytes }], { zip64: true });
    for (let length = 0; length < archive.length; length++) {
      expect((await rejectionOf(() => open(archive.subarray(0, length)))).code).toBe("file-truncated");
    }
    expect((await rejectionOf(() => open(concat([archive, Uint8Array.of(0)])))).code).toBe("file-truncated");
    expect((await rejectionOf(() => open(concat([bytes, archive])))).code).toBe("zip-invalid");
    expect((await refusal([{ name: "a", bytes }], { comment: "hello" })).code).toBe("file-truncated");
  });
});

describe("an archive is refused, its member named, when", () => {
  const a = { name: "a", bytes };
  it.each<[string, readonly ZipMember[], string]>([
    ["a member is compressed", [a, { name: "b", bytes, method: 8 }], "another"],
    ["a member is encrypted", [a, { name: "b", bytes, flags: 1 }], "flags 1"],
    ["a member is a patch", [a, { name: "b", bytes, flags: 32 }], "flags 32"],
    ["two sizes differ", [a, { name: "b", bytes, storedLength: 10 }], "10"],
    ["a size reaches into the next member", [a, { name: "b", bytes, length: 101 }, { name: "c", bytes }], "101 bytes"],
    ["a size reaches into the directory", [a, { name: "b", bytes, length: 130 }], "130 bytes"],
    ["a size is beyond the file", [a, { name: "b", bytes, zip64: true, length: 2 ** 60 }], `${2 ** 60} bytes`],
    ["two members are the same bytes", [a, { name: "b", bytes, headerByteOffset: 0 }], "100 bytes at byte 0"],
    ["a member lies inside another", [a, { name: "b", bytes: bytes.slice(0, 9), headerByteOffset: 40 }], "at byte 0"],
    ["a member lies behind the end", [a, { name: "b", bytes, headerByteOffset: 100_000 }], "at byte 100000"],
    ["a header is not where it should be", [a, { name: "b", bytes, length: 90, headerByteOffset: 133 }], "another"],
    ["a header has another name", [a, { name: "b", bytes, localName: "c" }], "another"],
    ["a header has another size", [a, { name: "b", bytes, localLength: 99 }], "another"],
    [
      "a name is there twice",
      [
        { name: "b", bytes },
        { name: "b", bytes },
      ],
      "twice",
    ],
  ])("%s", async (_, members, actual) => {
    const failure = await refusal(members);
    expect(failure.code).toBe("zip-invalid");
    expect(failure.where).toMatch(/^m\.bin, "[ab]"$/);
    expect(failure.actual).toContain(actual);
  });

  it.each(["../a", "a/../../b", "/etc/passwd", "a\\b", "..", "./a", "a\0b", ""])("a name is %j", async (name) => {
    expect(await refusal([{ name, bytes }])).toMatchObject({
      code: "zip-invalid",
      expected: "names of places inside the archive",
    });
  });

  it.each<[string, ZipEndFields, string]>([
    ["it has fewer entries than it says", { entryCount: 3 }, "zip-invalid"],
    ["it has more entries than it says", { entryCount: 1 }, "zip-invalid"],
    ["its directory starts elsewhere", { directoryByteOffset: 10 }, "zip-invalid"],
    ["its directory is beyond the file", { directoryByteOffset: 2 ** 31 }, "zip-invalid"],
    ["its directory is longer", { directoryLength: 10_000 }, "zip-invalid"],
    ["it has too many entries", { entryCount: 2 ** 40, zip64: true }, "header-limit"],
    ["its directory is too long", { directoryLength: 2 ** 40, zip64: true }, "zip-invalid"],
  ])("%s", async (_, end, code) => {
    const failure = await refusal([a, { name: "b", bytes }], end);
    expect(failure).toMatchObject({ code, where: "m.bin" });
  });

  it("its two ends disagree", async () => {
    const archive = zipBytes([a], { zip64: true });
    const end = archive.length - 22;
    for (const at of [end + 10, end + 12, end + 16, end - 20 + 8, end - 76 + 4, end - 76 + 32]) {
      const changed = archive.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect((await rejectionOf(() => open(changed))).code, `byte ${at - end}`).toBe("zip-invalid");
    }
  });

  it("a directory in truth is longer than any model's", async () => {
    const sixteenMebibytes = 16 * 1024 * 1024;
    const end = zipBytes([], { directoryByteOffset: 0, directoryLength: sixteenMebibytes + 1 });
    const failure = await rejectionOf(() => open(concat([new Uint8Array(sixteenMebibytes + 1), end])));
    expect(failure.code).toBe("header-limit");
  });
});
