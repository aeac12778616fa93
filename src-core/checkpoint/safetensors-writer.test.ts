import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rejectionOf } from "../test-support/failure-of.ts";
import { MemorySink, MemorySource } from "../test-support/memory-folder.ts";
import { type Dtype, dtypeBits, isDtype } from "./dtype.ts";
import { readSafetensorsHeader } from "./safetensors-header.ts";
import {
  encodeSafetensorsHeader,
  type LayoutTensor,
  layoutSafetensors,
  writeSafetensorsHeader,
} from "./safetensors-writer.ts";
import { tensorByteLength } from "./tensor-size.ts";

const dtypes = Object.keys(dtypeBits).filter(isDtype);

/** Names that JSON or JavaScript could stumble over, beside any others. */
const names = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(
    "",
    '"',
    "\\",
    "\\u0041",
    "\u0000",
    "\u007f",
    "\u2028",
    "😀",
    "__proto__",
    "constructor",
    "10",
    "2",
    "-0",
    "ключ",
  ),
);

const tensors = fc
  .uniqueArray(
    fc.record({
      name: names.filter((name) => name !== "__metadata__"),
      dtype: fc.constantFrom(...dtypes),
      shape: fc.array(fc.nat({ max: 9 }), { maxLength: 4 }),
    }),
    { selector: ({ name }) => name, maxLength: 12 },
  )
  .map((specs) =>
    specs.flatMap((spec): LayoutTensor[] => {
      const byteLength = tensorByteLength(spec.dtype, spec.shape);
      return byteLength === null ? [] : [{ ...spec, byteLength }];
    }),
  );

const metadata = fc
  .array(fc.tuple(names, fc.string({ unit: "binary", maxLength: 20 })), { maxLength: 4 })
  .map((entries): Record<string, string> => Object.fromEntries(entries));

describe("a written header", () => {
  it("is read back as it was meant, whatever the names", async () => {
    await fc.assert(
      fc.asyncProperty(tensors, metadata, async (specs, strings) => {
        const layout = layoutSafetensors(specs, strings);
        const sink = new MemorySink(layout.byteLength);
        await writeSafetensorsHeader(sink, layout.headerJson);
        const header = await readSafetensorsHeader(new MemorySource(sink.bytes));
        const expected = specs.map((tensor, index) => ({ ...tensor, byteOffset: layout.byteOffsets[index] ?? -1 }));
        expect(new Set(header.tensors)).toEqual(new Set(expected));
        expect(Object.entries(header.metadata).sort()).toEqual(Object.entries(strings).sort());
        expect(header.dataByteOffset).toBe(layout.dataByteOffset);
        expect(header.dataByteOffset % 8).toBe(0);
      }),
      { numRuns: 500, seed: 2310 },
    );
  });

  it("is JSON that any parser reads, tensors in the order given", () => {
    const tensor = (name: string, dtype: Dtype, shape: number[], byteLength: number) => ({
      name,
      dtype,
      shape,
      byteLength,
    });
    const layout = layoutSafetensors([tensor("b", "F32", [2], 8), tensor('"\\é', "BF16", [], 2)], { format: "pt" });
    expect(layout.headerJson.trimEnd()).toBe(
      '{"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},' +
        '"\\"\\\\\\u00e9":{"dtype":"BF16","shape":[],"data_offsets":[8,10]}}',
    );
    expect(layout.byteOffsets).toEqual([layout.dataByteOffset, layout.dataByteOffset + 8]);
    expect(layout.byteLength).toBe(layout.dataByteOffset + 10);
  });

  it("keeps the order of names that look like array indices", () => {
    const specs = ["9", "10", "1"].map((name) => ({ name, dtype: "U8" as const, shape: [1], byteLength: 1 }));
    const { headerJson } = layoutSafetensors(specs, {});
    expect(headerJson.match(/"\d+":/g)).toEqual(['"9":', '"10":', '"1":']);
  });

  it("starts with its length, little-endian", () => {
    const bytes = encodeSafetensorsHeader("{}".padEnd(0x1_0208));
    expect([...bytes.subarray(0, 10)]).toEqual([0x08, 0x02, 0x01, 0, 0, 0, 0, 0, 0x7b, 0x7d]);
    expect(bytes).toHaveLength(8 + 0x1_0208);
  });

  it("leaves out metadata that is empty", () => {
    expect(layoutSafetensors([], {}).headerJson).toBe("{}      ");
  });

  it.each([
    ["a name twice", ["a", "a"], 4],
    ["the metadata's name", ["__metadata__"], 4],
    ["half a surrogate pair", ["\ud800"], 4],
    ["a size that is not the shape's", ["a"], 5],
  ])("is not made for %s", (_, tensorNames, byteLength) => {
    const specs = tensorNames.map((name) => ({ name, dtype: "F32" as const, shape: [1], byteLength }));
    expect(() => layoutSafetensors(specs, {})).toThrow(RangeError);
  });

  it("is not made longer than readers accept", async () => {
    const metadataOf100MB = { notes: "x".repeat(100_000_000) };
    const failure = await rejectionOf(() => layoutSafetensors([], metadataOf100MB));
    expect(failure).toMatchObject({ code: "output-invalid", expected: "at most 100000000 bytes" });
  });
});
