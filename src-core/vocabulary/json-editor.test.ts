import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rejectionOf } from "../test-support/failure-of.ts";
import { JsonEditor, type JsonPath } from "./json-editor.ts";

const editor = (text: string) => new JsonEditor(text, "/model/config.json", "config-invalid");

function edited(text: string, change: (editor: JsonEditor) => void): string {
  const each = editor(text);
  change(each);
  return each.text();
}

describe("an edited JSON text", () => {
  test("is the same, byte for byte, where nothing changed", () => {
    const text =
      '\n{ "b":1e-05,\t"a" : [ 1.0, NaN,-Infinity ],\r\n"10": "\\u00e9 é", "n": 1000000000000000019884624838656 } \n';
    expect(edited(text, () => undefined)).toBe(text);
    expect(edited(text, (each) => each.set(["a", 1], 2))).toBe(text.replace("NaN", "2"));
  });

  test("has a value replaced in place, laid out as its surroundings", () => {
    const text = '{\n  "a": {\n    "b": 1.0,\n    "c": [1, 2]\n  },\n  "rope": 10000.0\n}\n';
    expect(edited(text, (each) => each.set(["a", "c"], [3]))).toBe(
      '{\n  "a": {\n    "b": 1.0,\n    "c": [\n      3\n    ]\n  },\n  "rope": 10000.0\n}\n',
    );
    expect(edited('{"a":{"b":1}}', (each) => each.set(["a", "b"], [1, { x: 2 }]))).toBe('{"a":{"b":[1,{"x":2}]}}');
  });

  test.each([
    ['{\n  "a": 1\n}', '{\n  "a": 1,\n  "z": "é"\n}'],
    ['{\n\t"a": 1\n}', '{\n\t"a": 1,\n\t"z": "é"\n}'],
    ['{"a":1,"b":2}', '{"a":1,"b":2,"z":"é"}'],
    ['{"a": 1, "b": 2}', '{"a": 1, "b": 2, "z": "é"}'],
    ['{"a": 1}', '{"a": 1, "z": "é"}'],
    ["{}", '{"z": "é"}'],
    ["{}\n", '{"z": "é"}\n'],
    ["{ \n }", '{\n  "z": "é"\n}'],
  ])("%j with a new member is %j", (text, expected) => {
    expect(edited(text, (each) => each.set(["z"], "é"))).toBe(expected);
  });

  test("has new members and elements last, in order, in empty containers too", () => {
    const text = '{\n  "list": [],\n  "object": {},\n  "full": [\n    {\n      "id": 0\n    }\n  ]\n}';
    const result = edited(text, (each) => {
      each.push(["list"], 1);
      each.push(["list"], { a: 2 });
      each.set(["object", "x"], 1);
      each.set(["object", "y"], 2);
      each.push(["full"], { id: 1 });
    });
    expect(result).toBe(
      JSON.stringify({ list: [1, { a: 2 }], object: { x: 1, y: 2 }, full: [{ id: 0 }, { id: 1 }] }, null, 2),
    );
  });

  test("has keys renamed in their places", () => {
    const text = '{"vocab": {"10": 0, "<unused0>": 1, "a\\"b": 2}}';
    const names = new Map([
      ["<unused0>", '<"é">'],
      ['a"b', "c"],
      ["none", "x"],
    ]);
    let renamed: Set<string> | null = null;
    const result = edited(text, (each) => {
      renamed = each.renameKeys(["vocab"], names);
    });
    expect(result).toBe('{"vocab": {"10": 0, "<\\"é\\">": 1, "c": 2}}');
    expect(renamed).toEqual(new Set(["<unused0>", 'a"b']));
  });

  test("takes the last of two members with one key, as parsers do", () => {
    expect(edited('{"a":1,"a":2}', (each) => each.set(["a"], 3))).toBe('{"a":1,"a":3}');
    expect(editor('{"a":1,"a":2}').value(["a"])).toBe(2);
  });

  test("answers what is where", () => {
    const each = editor('{"a":{"b":[1,NaN,{"c":null}]}}');
    expect(each.value(["a", "b"])).toEqual([1, null, { c: null }]);
    expect(each.value(["a", "b", 2, "c"])).toBeNull();
    expect(each.has(["a", "b", 3])).toBe(false);
    expect(each.value(["a", "x"])).toBeUndefined();
    expect(each.value(["a", "b", 0, "deeper"])).toBeUndefined();
    expect([each.isList(["a", "b"]), each.isList(["a"])]).toEqual([true, false]);
  });

  test.each([
    ["[]", "a JSON object"],
    ["{", "key"],
    ['{"a":1} 2', "nothing after"],
    ['{"a":01}', "a number"],
  ])("%s is refused", async (text, expected) => {
    const failure = await rejectionOf(() => editor(text));
    expect(failure).toMatchObject({ code: "config-invalid", expected: expect.stringContaining(expected) });
  });

  test("cannot have a member added to what is no object", async () => {
    const failure = await rejectionOf(() => editor('{"a":1}').set(["a", "b"], 2));
    expect(failure).toMatchObject({ code: "config-invalid", where: "/model/config.json, a", expected: "an object" });
  });

  test("means what the same change to the parsed value means, in any layout", () => {
    const layouts = [undefined, 1, 2, 4, "\t"];
    fc.assert(
      fc.property(
        fc.object({ maxDepth: 3 }),
        fc.constantFrom(...layouts),
        fc.nat(),
        fc.json(),
        (root, layout, place, json) => {
          const value: unknown = JSON.parse(json);
          const plain = JSON.parse(JSON.stringify(root)) as object;
          const paths = pathsOf(plain);
          const path = paths[place % paths.length] ?? ["new"];
          const text = JSON.stringify(plain, null, layout);
          const result = edited(text, (each) => each.set(path, value));
          expect(JSON.parse(result)).toEqual(changed(plain, path, value));
        },
      ),
      { numRuns: 2000, seed: 4 },
    );
  });
});

/** Every value's path, and in each object that of a member that is not there. */
function pathsOf(value: unknown, path: JsonPath = []): JsonPath[] {
  const own = path.length > 0 ? [path] : [];
  if (Array.isArray(value)) return [...own, ...value.flatMap((item, index) => pathsOf(item, [...path, index]))];
  if (typeof value !== "object" || value === null) return own;
  const members = Object.entries(value).flatMap(([key, item]) => pathsOf(item, [...path, key]));
  return [...own, ...members, [...path, "a key that is new"]];
}

function changed(value: unknown, [step, ...rest]: JsonPath, replacement: unknown): unknown {
  if (step === undefined) return replacement;
  if (Array.isArray(value))
    return value.map((item, index) => (index === step ? changed(item, rest, replacement) : item));
  const entries = Object.entries(value as object);
  if (!entries.some(([key]) => key === step)) return Object.fromEntries([...entries, [step, replacement]]);
  return Object.fromEntries(
    entries.map(([key, item]) => [key, key === step ? changed(item, rest, replacement) : item]),
  );
}
