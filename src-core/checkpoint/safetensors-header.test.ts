import { describe, expect, it } from "vitest";
import { rejectionOf } from "../test-support/failure-of.ts";
import { MemorySource } from "../test-support/memory-folder.ts";
import { rawSafetensors, safetensorsBytes } from "../test-support/safetensors-bytes.ts";
import { readSafetensorsHeader } from "./safetensors-header.ts";

const read = (bytes: Uint8Array) => readSafetensorsHeader(new MemorySource(bytes, "m.safetensors"));
const readRaw = (header: string | Uint8Array, dataByteLength = 0) => read(rawSafetensors(header, dataByteLength));
const text = (characters: string) => Uint8Array.from(characters, (character) => character.charCodeAt(0));
const tensor = (dtype: string, shape: string, offsets: string) =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`;

describe("a safetensors header", () => {
  it("gives tensors by offset with places counted from the file's start", async () => {
    const header = `{"b":${tensor("BF16", "[2,3]", "[4,16]")},"a":${tensor("F32", "[1]", "[0,4]")}}`;
    const { tensors, dataByteOffset } = await readRaw(header, 16);
    expect(dataByteOffset).toBe(8 + header.length);
    expect(tensors).toEqual([
      { name: "a", dtype: "F32", shape: [1], byteOffset: dataByteOffset, byteLength: 4 },
      { name: "b", dtype: "BF16", shape: [2, 3], byteOffset: dataByteOffset + 4, byteLength: 12 },
    ]);
  });

  it("may hold scalars, empty tensors and tensors of 4 and 6 bits that fill whole bytes", async () => {
    const bytes = safetensorsBytes([
      { name: "scalar", dtype: "F64", shape: [] },
      { name: "empty", dtype: "F32", shape: [0, 4096] },
      { name: "also empty", dtype: "I8", shape: [3, 0] },
      { name: "nibbles", dtype: "F4", shape: [2, 5] },
      { name: "six bits", dtype: "F6_E2M3", shape: [4] },
    ]);
    const { tensors } = await read(bytes);
    expect(tensors.map(({ name, byteLength }) => [name, byteLength])).toEqual([
      ["scalar", 8],
      ["empty", 0],
      ["also empty", 0],
      ["nibbles", 5],
      ["six bits", 3],
    ]);
  });

  it("may list empty tensors anywhere", async () => {
    const header = `{"full":${tensor("U8", "[2]", "[0,2]")},"end":${tensor("U8", "[0]", "[2,2]")},"start":${tensor("U8", "[0]", "[0,0]")}}`;
    const { tensors } = await readRaw(header, 2);
    expect(tensors.map(({ name }) => name)).toEqual(["start", "full", "end"]);
  });

  it("may be empty, and be padded with white space", async () => {
    expect(await readRaw("{}")).toEqual({ tensors: [], metadata: {}, dataByteOffset: 10 });
    expect((await readRaw("{ \n}\t\r\n   ")).dataByteOffset).toBe(18);
  });

  it("has metadata of strings, whatever the keys", async () => {
    const { metadata } = await readRaw('{"__metadata__":{"format":"pt","__proto__":"x","é\\n":"\\u00e9"}}');
    expect(Object.entries(metadata)).toEqual([
      ["format", "pt"],
      ["__proto__", "x"],
      ["é\n", "é"],
    ]);
  });

  it("passes over fields it does not know", async () => {
    const entry = '{"note":{"a":[1.5e3,-0,null,true,"x"]},"dtype":"U8","shape":[1],"data_offsets":[0,1]}';
    expect((await readRaw(`{"a":${entry}}`, 1)).tensors).toHaveLength(1);
  });

  it("has names in any script, escaped or not", async () => {
    const header = `{"\\ud83d\\ude00 \\"\\\\ \\u0000":${tensor("U8", "[0]", "[0,0]")},"ключ 鍵 😀":${tensor("U8", "[0]", "[0,0]")}}`;
    const { tensors } = await readRaw(header);
    expect(tensors.map(({ name }) => name)).toEqual(['😀 "\\ \u0000', "ключ 鍵 😀"]);
  });
});

describe("a file that is no safetensors file", () => {
  it.each([
    ["nothing at all", "", "an empty file"],
    ["four bytes", "abcd", "61 62 63 64"],
    ["text", "hello, this is some text", "68 65 6c 6c 6f"],
    ["a PyTorch zip", "PK\u0003\u0004\u0000\u0000\u0000\u0000\u0000\u0000archive/data.pkl", "PyTorch"],
    ["a pickle", "\u0080\u0002}q\u0000(X\u0006\u0000\u0000\u0000", "pickle"],
    ["a web page", "<!DOCTYPE html><html><body>404</body></html>", "a web page"],
    ["GGUF", "GGUF\u0003\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000", "GGUF"],
    ["JSON", '{"metadata":{"total_size":1},"weight_map":{}}', "JSON"],
    ["zeros", "\u0000".repeat(64), "00 00 00"],
  ])("is refused as such: %s", async (_, characters, actual) => {
    const failure = await rejectionOf(() => read(text(characters)));
    expect(failure.code).toBe("not-safetensors");
    expect(failure.message).toContain("m.safetensors");
    expect(failure.actual).toContain(actual);
    expect(failure.advice).toBeTruthy();
  });

  it("is named when it is a Git LFS pointer", async () => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${"0".repeat(64)}\nsize 4976698672\n`;
    const failure = await rejectionOf(() => read(text(pointer)));
    expect(failure.code).toBe("lfs-pointer");
    expect(failure.message).toContain("m.safetensors");
    expect(failure.advice).toContain("git lfs pull");
  });

  it("is no pickle when a header of 640 bytes starts with the same two", async () => {
    const bytes = rawSafetensors("{}".padEnd(640));
    expect([...bytes.subarray(0, 2)]).toEqual([0x80, 2]);
    expect((await read(bytes)).dataByteOffset).toBe(648);
  });
});

describe("a header's length", () => {
  it("may not be beyond 100 MB", async () => {
    const failure = await rejectionOf(() => read(rawSafetensors("{}", 0, 100_000_001)));
    expect(failure).toMatchObject({ code: "header-too-long", actual: "100000001 bytes" });
    expect((await rejectionOf(() => read(rawSafetensors("{}", 0, 2 ** 53)))).code).toBe("header-too-long");
  });

  it("may not be beyond the file's end", async () => {
    const failure = await rejectionOf(() => read(rawSafetensors("{}", 0, 3)));
    expect(failure).toMatchObject({
      code: "header-truncated",
      where: "m.safetensors",
      expected: "at least 11 bytes",
      actual: "10 bytes",
    });
    expect((await rejectionOf(() => read(rawSafetensors("", 0, 40)))).code).toBe("header-truncated");
  });
});

describe("a header that is not JSON", () => {
  it.each([
    ["no end", "{"],
    ["a trailing comma", `{"a":${tensor("U8", "[0]", "[0,0]")},}`],
    ["no comma", '{"__metadata__":{} "a":1}'],
    ["no colon", '{"a" 1}'],
    ["a bare key", "{a:1}"],
    ["single quotes", "{'a':1}"],
    ["trailing garbage", "{}x"],
    ["trailing zeros", "{}\u0000\u0000"],
    ["a second object", "{}{}"],
    ["an open string", '{"a'],
    ["a control character in a string", '{"a\nb":1}'],
    ["a bad escape", '{"\\x":1}'],
    ["a bad unicode escape", '{"\\u12g4":1}'],
    ["half a surrogate pair", '{"\\ud800":1}'],
    ["leading zeros", `{"a":${tensor("U8", "[01]", "[0,1]")}}`],
    ["a word", '{"a":{"x":nul}}'],
    ["NaN", '{"a":{"x":NaN}}'],
    ["a number's beginning", '{"a":{"x":-}}'],
    ["mismatched brackets", '{"a":{"x":[}}'],
  ])("is refused with its place: %s", async (_, header) => {
    const failure = await rejectionOf(() => readRaw(header, 1));
    expect(failure.code).toBe("header-json");
    expect(failure.where).toMatch(/^m\.safetensors.*\(byte \d+\)$/);
    expect(failure.expected).toBeTruthy();
    expect(failure.actual).toBeTruthy();
  });

  it.each([
    ["a lone continuation byte", [0x80]],
    ["an overlong slash", [0xc0, 0xaf]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
    ["beyond Unicode", [0xf4, 0x90, 0x80, 0x80]],
    ["a cut character", [0xe2, 0x82]],
  ])("is refused for bytes that are not UTF-8: %s", async (_, bytes) => {
    const header = Uint8Array.from([...text('{"'), ...bytes, ...text('":1}')]);
    const failure = await rejectionOf(() => readRaw(header));
    expect(failure).toMatchObject({ code: "header-json", expected: "valid UTF-8" });
  });

  it("is refused for nesting without end, without recursion", async () => {
    const failure = await rejectionOf(() => readRaw(`{"a":{"x":${"[".repeat(1_000_000)}`));
    expect(failure.code).toBe("header-limit");
  });
});

describe("an entry", () => {
  it.each([
    ["is a string", '"x"'],
    ["is a list", "[]"],
    ["lacks its dtype", '{"shape":[],"data_offsets":[0,1]}'],
    ["lacks its shape", '{"dtype":"U8","data_offsets":[0,1]}'],
    ["lacks its offsets", '{"dtype":"U8","shape":[]}'],
    ["says its dtype twice", '{"dtype":"U8","dtype":"U8","shape":[],"data_offsets":[0,1]}'],
    ["has a number for a dtype", '{"dtype":8,"shape":[],"data_offsets":[0,1]}'],
    ["has an object for a shape", tensor("U8", "{}", "[0,1]")],
    ["has a string in its shape", tensor("U8", '["1"]', "[0,1]")],
    ["has a negative dimension", tensor("U8", "[-1]", "[0,1]")],
    ["has minus zero", tensor("U8", "[-0]", "[0,1]")],
    ["has a fraction", tensor("U8", "[1.0]", "[0,1]")],
    ["has an exponent", tensor("U8", "[1e0]", "[0,1]")],
    ["has one offset", tensor("U8", "[1]", "[1]")],
    ["has three offsets", tensor("U8", "[1]", "[0,1,1]")],
    ["has no offsets", tensor("U8", "[1]", "[]")],
  ])("is refused when it %s", async (_, entry) => {
    const failure = await rejectionOf(() => readRaw(`{"layers.0.weight":${entry}}`, 1));
    expect(failure.code).toBe("header-entry");
    expect(failure.where).toContain('m.safetensors, tensor "layers.0.weight"');
    expect(failure.expected).toBeTruthy();
    expect(failure.actual).toBeTruthy();
  });

  it.each([
    ["a dimension", tensor("U8", "[9007199254740992]", "[0,1]")],
    ["an offset", tensor("U8", "[1]", "[0,99999999999999999999999999]")],
    ["the number of dimensions", tensor("U8", `[${Array(17).fill(1)}]`, "[0,1]")],
  ])("is refused beyond the limit of %s", async (_, entry) => {
    const failure = await rejectionOf(() => readRaw(`{"w":${entry}}`, 1));
    expect(failure.code).toBe("header-limit");
    expect(failure.where).toContain('tensor "w"');
  });

  it("is refused for a name beyond the limit", async () => {
    const header = (length: number) => `{"${"x".repeat(length)}":${tensor("U8", "[0]", "[0,0]")}}`;
    expect((await readRaw(header(1024))).tensors).toHaveLength(1);
    expect((await rejectionOf(() => readRaw(header(1025)))).code).toBe("header-limit");
  });

  it("is refused for a dtype that is unknown, also one that JavaScript objects have", async () => {
    for (const dtype of ["Q4_0", "f32", "toString", "__proto__", ""]) {
      const failure = await rejectionOf(() => readRaw(`{"w":${tensor(dtype, "[]", "[0,1]")}}`, 1));
      expect(failure).toMatchObject({
        code: "dtype-unknown",
        where: 'm.safetensors, tensor "w"',
        actual: `"${dtype}"`,
      });
      expect(failure.expected).toContain("BF16");
    }
  });

  it("is refused when its name was there before, however it is written", async () => {
    const entry = tensor("U8", "[0]", "[0,0]");
    const failure = await rejectionOf(() => readRaw(`{"a.b":${entry},"a\\u002eb":${entry}}`));
    expect(failure).toMatchObject({ code: "tensor-duplicate", where: 'm.safetensors, tensor "a.b"' });
  });

  it("is refused when its size is not shape times dtype", async () => {
    const failure = await rejectionOf(() => readRaw(`{"w":${tensor("BF16", "[2,3]", "[0,16]")}}`, 16));
    expect(failure).toMatchObject({
      code: "tensor-size",
      where: 'm.safetensors, tensor "w"',
      expected: "12 bytes for BF16 [2, 3]",
      actual: "16 bytes",
    });
  });

  it.each([
    ["no whole bytes", "F4", "[3]"],
    ["no whole bytes of six bits", "F6_E3M2", "[2]"],
    ["more elements than a double counts", "U8", "[9007199254740991,9007199254740991]"],
    ["an overflow that a zero would hide", "U8", "[9007199254740991,4,0]"],
    ["more bits than a double counts", "F64", "[9007199254740991]"],
  ])("is refused for %s", async (_, dtype, shape) => {
    const failure = await rejectionOf(() => readRaw(`{"w":${tensor(dtype, shape, "[0,1]")}}`, 1));
    expect(failure.code).toBe("tensor-size");
    expect(failure.where).toContain('tensor "w"');
  });

  it("may have a zero dimension before huge ones", async () => {
    const header = `{"w":${tensor("U8", "[0,9007199254740991,9007199254740991]", "[0,0]")}}`;
    expect((await readRaw(header)).tensors[0]?.byteLength).toBe(0);
  });
});

describe("the metadata", () => {
  it.each([
    ["is no object", '"pt"'],
    ["holds a number", '{"step":1}'],
    ["holds an object", '{"a":{}}'],
    ["has a key twice", '{"a":"1","a":"2"}'],
  ])("is refused when it %s", async (_, metadata) => {
    const failure = await rejectionOf(() => readRaw(`{"__metadata__":${metadata}}`));
    expect(failure.code).toBe("header-entry");
    expect(failure.message).toContain("__metadata__");
  });

  it("is refused beyond 65,536 entries", async () => {
    const entries = Array.from({ length: 65_537 }, (_, index) => `"${index}":""`);
    expect((await rejectionOf(() => readRaw(`{"__metadata__":{${entries}}}`))).code).toBe("header-limit");
  });
});

describe("the data", () => {
  const twoTensors = (second: string) => `{"a":${tensor("U8", "[4]", "[0,4]")},"b":${tensor("U8", "[4]", second)}}`;

  it("may have no hole", async () => {
    const failure = await rejectionOf(() => readRaw(twoTensors("[5,9]"), 9));
    expect(failure).toMatchObject({ code: "tensor-offsets", where: 'm.safetensors, tensor "b"', actual: "5: a hole" });
    expect(failure.expected).toContain('4, the end of "a"');
  });

  it("may have no hole at its start", async () => {
    const failure = await rejectionOf(() => readRaw(`{"a":${tensor("U8", "[4]", "[8,12]")}}`, 12));
    expect(failure).toMatchObject({ code: "tensor-offsets", expected: "a begin of 0, the data's start" });
  });

  it("may have no overlap", async () => {
    const failure = await rejectionOf(() => readRaw(twoTensors("[3,7]"), 7));
    expect(failure).toMatchObject({
      code: "tensor-offsets",
      where: 'm.safetensors, tensor "b"',
      actual: "3: an overlap",
    });
    expect((await rejectionOf(() => readRaw(twoTensors("[0,4]"), 4))).code).toBe("tensor-offsets");
  });

  it("may not be turned around", async () => {
    const failure = await rejectionOf(() => readRaw(twoTensors("[8,4]"), 8));
    expect(failure).toMatchObject({ code: "tensor-offsets", where: 'm.safetensors, tensor "b"', actual: "[8, 4]" });
  });

  it("may not end before the last tensor does", async () => {
    const header = twoTensors("[4,8]");
    const failure = await rejectionOf(() => readRaw(header, 7));
    expect(failure).toMatchObject({
      code: "file-truncated",
      where: 'm.safetensors, tensor "b"',
      expected: `${8 + header.length + 8} bytes`,
      actual: `${8 + header.length + 7} bytes`,
    });
    expect((await rejectionOf(() => readRaw(header, 2))).where).toBe('m.safetensors, tensor "a"');
  });

  it("may not go on after the last tensor", async () => {
    const failure = await rejectionOf(() => readRaw(twoTensors("[4,8]"), 9));
    expect(failure).toMatchObject({
      code: "tensor-offsets",
      what: "Bytes after the last tensor",
      where: "m.safetensors",
    });
    expect((await rejectionOf(() => readRaw("{}", 1))).code).toBe("tensor-offsets");
  });

  it("may not end where a double does not count", async () => {
    const huge = "[0,1125899906842623]";
    const header = `{"a":${tensor("U8", "[1125899906842623]", huge)}}`;
    expect((await rejectionOf(() => readRaw(header, 9))).code).toBe("file-truncated");
  });
});

describe("a message", () => {
  it("shows a name's tricks instead of obeying them, and not all of a long one", async () => {
    const name = `\u001b[31mred\u202e\u009b${"x".repeat(500)}`;
    const failure = await rejectionOf(() => readRaw(`{${JSON.stringify(name)}:1}`));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is the point
    expect(failure.message).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    expect(failure.message).toContain("\\u001b[31mred\\u{202e}\\u{9b}");
    expect(failure.message.length).toBeLessThan(500);
  });
});
