import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { encodeSafetensorsHeader, layoutSafetensors } from "../../src-core/checkpoint/safetensors-writer.ts";
import { Catalog } from "./catalog.ts";
import { peekValues } from "./peek-values.ts";

/** 1.5, −2 and 448 in E4M3, in rows of three. */
const elements = [0x3c, 0xc0, 0x7e, 0x7e, 0x3c, 0xc0];

describe("values at a place of a tensor", () => {
  let folder: string;
  let catalog: Catalog;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "peek-values-"));
    catalog = new Catalog();
  });
  afterEach(() => {
    catalog.closeAll();
    rmSync(folder, { recursive: true, force: true });
  });

  it("are those that FP8 means by its scales, and F64's own", async () => {
    const tensors = [
      { name: "wide", dtype: "F64", shape: [2], byteLength: 16 },
      { name: "m.weight_scale", dtype: "F32", shape: [2, 1], byteLength: 8 },
      { name: "m.weight", dtype: "F8_E4M3", shape: [2, 3], byteLength: 6 },
    ] as const;
    const layout = layoutSafetensors(tensors, {});
    const file = Buffer.alloc(layout.byteLength);
    file.set(encodeSafetensorsHeader(layout.headerJson));
    const [wide = 0, scale = 0, weight = 0] = layout.byteOffsets;
    file.writeDoubleLE(0.1, wide);
    file.writeDoubleLE(-1e300, wide + 8);
    file.writeFloatLE(0.5, scale);
    file.writeFloatLE(-3, scale + 4);
    file.set(elements, weight);
    writeFileSync(join(folder, "model.safetensors"), file);
    const { id } = await catalog.open(folder);
    const peek = (tensor: string) =>
      peekValues({ checkpoint: id, tensor, row: 0, column: 0, rowCount: 9, columnCount: 9 }, catalog);
    expect(await peek("m.weight")).toMatchObject({
      values: [
        [0.75, -1, 224],
        [-1344, -4.5, 6],
      ],
    });
    expect(await peek("wide")).toMatchObject({ values: [[0.1, -1e300]] });
  });
});
