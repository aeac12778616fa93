import { describe, expect, it } from "vitest";
import { rejectionOf } from "../test-support/failure-of.ts";
import { formatShardIndex, parseShardIndex } from "./shard-index.ts";

const parse = (text: string) => parseShardIndex(new TextEncoder().encode(text), "/model/index.json");
const withMap = (map: string) => parse(`{"metadata":{"total_size":10},"weight_map":${map}}`);

describe("an index of shards", () => {
  it("says each tensor's file, and the files once, sorted", () => {
    const index = withMap('{"lm_head":"m-2.safetensors","embed":"m-1.safetensors","norm":"m-2.safetensors"}');
    expect([...index.fileOfTensor]).toEqual([
      ["lm_head", "m-2.safetensors"],
      ["embed", "m-1.safetensors"],
      ["norm", "m-2.safetensors"],
    ]);
    expect(index.files).toEqual(["m-1.safetensors", "m-2.safetensors"]);
    expect(index.totalByteLength).toBe(10);
  });

  it.each([
    ["no metadata", '{"weight_map":{"a":"a.safetensors"}}'],
    ["metadata that is no object", '{"metadata":null,"weight_map":{"a":"a.safetensors"}}'],
    ["no size", '{"metadata":{"x":[{}]},"weight_map":{"a":"a.safetensors"}}'],
    ["a size in words", '{"metadata":{"total_size":"10GB"},"weight_map":{"a":"a.safetensors"}}'],
    ["half a byte", '{"metadata":{"total_size":10.5},"weight_map":{"a":"a.safetensors"}}'],
    ["a negative size", '{"metadata":{"total_size":-1},"weight_map":{"a":"a.safetensors"}}'],
  ])("may have %s", (_, text) => {
    const index = parse(text);
    expect(index.totalByteLength).toBeNull();
    expect(index.files).toEqual(["a.safetensors"]);
  });

  it("may write its size as a fraction without a fraction", () => {
    expect(parse('{"metadata":{"total_size":13476839424.0},"weight_map":{"a":"b"}}').totalByteLength).toBe(13476839424);
  });

  it.each([
    ["a parent", "../secret.safetensors"],
    ["a parent further in", "x/../../secret.safetensors"],
    ["a subfolder", "shards/a.safetensors"],
    ["an absolute path", "/etc/passwd"],
    ["a drive", "C:\\\\models\\\\a.safetensors"],
    ["a drive's current folder", "C:a.safetensors"],
    ["a Windows share", "\\\\\\\\host\\\\share\\\\a.safetensors"],
    ["a Windows parent", "..\\\\a.safetensors"],
    ["an alternate stream", "a.safetensors:x"],
    ["a NUL", "a.safetensors\\u0000.txt"],
    ["nothing", ""],
    ["the folder", "."],
    ["its parent", ".."],
  ])("is refused when it names %s", async (_, file) => {
    const failure = await rejectionOf(() => withMap(`{"ok":"a.safetensors","model.norm.weight":"${file}"}`));
    expect(failure).toMatchObject({
      code: "shard-outside",
      where: '/model/index.json, tensor "model.norm.weight"',
    });
    expect(failure.actual).toBe(JSON.stringify(JSON.parse(`"${file}"`)));
  });

  it.each([
    ["is a list", "[]"],
    ["is empty", ""],
    ["lacks weight_map", '{"metadata":{}}'],
    ["lists no tensor", '{"weight_map":{}}'],
    ["has weight_map twice", '{"weight_map":{"a":"b"},"weight_map":{"a":"b"}}'],
    ["has a list for weight_map", '{"weight_map":[]}'],
    ["has a number for a file", '{"weight_map":{"a":1}}'],
    ["is cut", '{"weight_map":{"a":"b"'],
    ["goes on", '{"weight_map":{"a":"b"}} {}'],
    ["has a byte order mark", '\ufeff{"weight_map":{"a":"b"}}'],
  ])("is refused when it %s", async (_, text) => {
    const failure = await rejectionOf(() => parse(text));
    expect(failure.code).toBe("index-invalid");
    expect(failure.where).toContain("/model/index.json");
  });

  it("is refused when it names a tensor twice", async () => {
    const failure = await rejectionOf(() => withMap('{"a":"1.safetensors","\\u0061":"2.safetensors"}'));
    expect(failure).toMatchObject({ code: "tensor-duplicate", where: '/model/index.json, tensor "a"' });
  });
});

describe("a written index", () => {
  it("is as the Hugging Face tools write it, in the order given", () => {
    const text = formatShardIndex(
      [
        ["10", "b.safetensors"],
        ['é"', "b.safetensors"],
        ["2", "a.safetensors"],
      ],
      12,
    );
    expect(text).toBe(
      '{\n  "metadata": {\n    "total_size": 12\n  },\n  "weight_map": {\n    "10": "b.safetensors",\n' +
        '    "\\u00e9\\"": "b.safetensors",\n    "2": "a.safetensors"\n  }\n}\n',
    );
    expect([...parse(text).fileOfTensor.keys()]).toEqual(["10", 'é"', "2"]);
    expect(parse(text).totalByteLength).toBe(12);
  });
});
