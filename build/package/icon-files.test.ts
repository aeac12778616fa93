import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkout } from "../checkout.mjs";

const icons = join(checkout, "build", "package", "icons");

/** Width and height from a PNG's first chunk. */
function pngSize(png: Buffer): [number, number] {
  expect(png.subarray(1, 4).toString("latin1")).toBe("PNG");
  return [png.readUInt32BE(16), png.readUInt32BE(20)];
}

describe("the application's icons", () => {
  it("are PNG of the sizes their names say, up to 512 for Linux", () => {
    const names = readdirSync(join(icons, "png"));
    expect(names).toContain("512x512.png");
    for (const name of names) {
      const [width, height] = pngSize(readFileSync(join(icons, "png", name)));
      expect(`${width}x${height}.png`).toBe(name);
    }
  });

  it("are an .ico whose directory points at pictures of the sizes it says, to 256", () => {
    const file = readFileSync(join(icons, "icon.ico"));
    expect(file.readUInt32LE(0)).toBe(0x10000);
    const sizes = Array.from({ length: file.readUInt16LE(4) }, (_, index) => {
      const at = 6 + 16 * index;
      const offset = file.readUInt32LE(at + 12);
      const [width, height] = pngSize(file.subarray(offset, offset + file.readUInt32LE(at + 8)));
      expect([width % 256, height % 256]).toEqual([file[at], file[at + 1]]);
      return width;
    });
    expect(sizes).toEqual([16, 24, 32, 48, 64, 128, 256]);
  });

  it("are an .icns with every picture that macOS asks for, to 512 points at two pixels each", () => {
    const file = readFileSync(join(icons, "icon.icns"));
    expect(file.readUInt32BE(4)).toBe(file.length);
    const sizes = new Map<string, number>();
    for (let at = 8; at < file.length; at += file.readUInt32BE(at + 4)) {
      const [width] = pngSize(file.subarray(at + 8));
      sizes.set(file.subarray(at, at + 4).toString("latin1"), width);
    }
    expect(Object.fromEntries(sizes)).toEqual({
      ic11: 32,
      ic12: 64,
      ic07: 128,
      ic13: 256,
      ic08: 256,
      ic14: 512,
      ic09: 512,
      ic10: 1024,
    });
  });
});
