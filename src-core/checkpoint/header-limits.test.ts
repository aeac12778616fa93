import { beforeAll, describe, expect, it } from "vitest";
import { maximumHeaderBytes } from "../limits.ts";
import { rejectionOf } from "../test-support/failure-of.ts";
import { MemorySource } from "../test-support/memory-folder.ts";
import { rawSafetensors, safetensorsBytes } from "../test-support/safetensors-bytes.ts";
import { readSafetensorsHeader } from "./safetensors-header.ts";

const mebibyte = 1024 * 1024;

/** Milliseconds of processor time: what passes on the clock depends on who else uses the machine. */
async function processorTime(run: () => Promise<unknown>): Promise<number> {
  const start = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** A header of `byteLength` bytes made of numbered copies of one entry (`######` stands for the number), and the count of them. */
function repeated(entry: string, byteLength: number): { bytes: Uint8Array; count: number } {
  const header = new Uint8Array(byteLength).fill(0x20);
  const template = Uint8Array.from(entry, (character) => character.charCodeAt(0));
  const digits = entry.indexOf("#######");
  const count = Math.floor((byteLength - 2) / template.length);
  header[0] = 0x7b;
  for (let index = 0; index < count; index++) {
    const at = 1 + index * template.length;
    header.set(template, at);
    for (let digit = 6, rest = index; digit >= 0; digit--, rest = Math.floor(rest / 10)) {
      header[at + digits + digit] = 0x30 + (rest % 10);
    }
  }
  header[count * template.length] = 0x7d;
  return { bytes: rawSafetensors(header), count };
}

describe("a header of 100 MB", () => {
  const attacks: [string, string][] = [
    ["1.7 million valid tensors", '"#######":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},'],
    ["7 million entries of nothing", '"#######":{},'],
    ["8 million numbers", '"#######":1,'],
  ];

  describe.each(attacks)("with %s", (_, entry) => {
    let source: MemorySource;
    let count: number;

    beforeAll(() => {
      const { bytes, count: made } = repeated(entry, maximumHeaderBytes);
      source = new MemorySource(bytes);
      count = made;
    });

    it("is refused within a second and 200 MiB", async () => {
      const before = process.memoryUsage().rss;
      const milliseconds = await processorTime(async () => {
        expect((await rejectionOf(() => readSafetensorsHeader(source))).code).toBe("header-limit");
      });
      const grown = process.resourceUsage().maxRSS * 1024 - before;
      expect(count).toBeGreaterThan(1_600_000);
      expect(milliseconds).toBeLessThan(1000);
      expect(grown).toBeLessThan(200 * mebibyte);
    });
  });

  it("of one string without an end is refused within a second", async () => {
    const header = new Uint8Array(maximumHeaderBytes).fill(0x61);
    header.set([0x7b, 0x22]);
    const source = new MemorySource(rawSafetensors(header));
    const milliseconds = await processorTime(async () => {
      expect((await rejectionOf(() => readSafetensorsHeader(source))).code).toBe("header-json");
    });
    expect(milliseconds).toBeLessThan(1000);
  });
});

describe("a header of 200,000 tensors", () => {
  it("is read in less than a second", async () => {
    const specs = Array.from({ length: 200_000 }, (_, index) => ({
      name: `model.layers.${index >> 10}.mlp.experts.${index % 1024}.down_proj.weight`,
      dtype: "BF16" as const,
      shape: [0, 2048],
    }));
    const source = new MemorySource(safetensorsBytes(specs, { format: "pt" }));
    // 0.2 s in a bundle and 0.3 to 0.5 s under vitest (Node 20, a 2-core machine): what must not come is another order.
    const milliseconds = await processorTime(async () => {
      expect((await readSafetensorsHeader(source)).tensors).toHaveLength(200_000);
    });
    expect(milliseconds).toBeLessThan(1000);
  });
});
