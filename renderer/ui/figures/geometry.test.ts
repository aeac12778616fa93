import { describe, expect, it, test } from "vitest";
import { stageLayout } from "../components/heatmap/stage-layout.ts";
import { areaPath, linePath, roundTicks, roundUp, spreadLabels, valueAxis, yOf } from "./chart.ts";
import { depthAxis, layerAt, layerCentre, layerTicks } from "./depth-axis.ts";
import { cellAtPoint, cellRect, heatmapGeometry } from "./heatmap-geometry.ts";

const axisOf = (layerCount: number, width = 668, beforeCount = 1, afterCount = 2) =>
  depthAxis({ width, layerCount, beforeCount, afterCount, labelWidth: 96, endWidth: 64 });
const llamaGroups = [...Array(4).fill("attention"), ...Array(3).fill("mlp"), "norms", "norms"];

describe("the depth axis", () => {
  test.each([1, 14, 32, 80, 126, 400])("of %d layers fits its width, bars and all", (layerCount) => {
    const axis = axisOf(layerCount);
    expect(axis.start).toBe(126);
    expect(Math.max(axis.end, ...axis.after.map((left) => left + axis.barWidth))).toBeLessThanOrEqual(668);
    expect(axis.layerWidth * layerCount).toBeCloseTo(axis.end - axis.start);
  });

  it("finds the layer under a place, and the nearest one beyond the ends", () => {
    const axis = axisOf(32);
    for (const layer of [0, 17, 31]) expect(layerAt(axis, layerCentre(axis, layer))).toBe(layer);
    expect([layerAt(axis, 0), layerAt(axis, 1000)]).toEqual([0, 31]);
  });

  it("names the first and the last layer, and round ones between with room", () => {
    expect(layerTicks(axisOf(32))).toEqual([0, 5, 10, 15, 20, 25, 31]);
    expect(layerTicks(axisOf(126))).toEqual([0, 20, 40, 60, 80, 100, 125]);
    expect(layerTicks(axisOf(1))).toEqual([0]);
  });
});

describe("the heatmap's cells", () => {
  const geometry = heatmapGeometry(axisOf(32), llamaGroups, 30);

  it("are found again under their own middle", () => {
    for (let row = 0; row < llamaGroups.length; row++) {
      for (let column = 0; column < geometry.columnCount; column++) {
        const { x, y, width, height } = cellRect(geometry, row, column);
        const inLayers = column > 0 && column < 33;
        const found = cellAtPoint(geometry, x + width / 2, inLayers ? y + height / 2 : 5);
        expect(found).toEqual({ row: inLayers ? row : 0, column });
      }
    }
  });

  it("stand apart by family", () => {
    expect(geometry.rowTops).toEqual([0, 30, 60, 90, 126, 156, 186, 222, 252]);
    expect(geometry.height).toBe(282);
    expect(cellAtPoint(geometry, 300, 122)).toBeNull();
  });

  it("of 126 layers touch each other, since a gap between narrow cells would flicker", () => {
    expect(heatmapGeometry(axisOf(126), llamaGroups, 30).gap).toBe(0);
  });
});

describe("the stage", () => {
  it("gives a Llama of 32 layers what 1280 × 800 leaves, without scrolling", () => {
    const { rowHeight, heatmapHeight, profileHeight, curveHeight } = stageLayout(562, llamaGroups);
    expect(rowHeight).toBeGreaterThanOrEqual(28);
    expect(heatmapHeight + profileHeight + curveHeight).toBeLessThanOrEqual(562 - 100);
  });

  it("keeps profile and curve in sight when a row is opened into 128 experts", () => {
    const groups = [...llamaGroups, ...Array(128).fill("mlp")];
    const { rowHeight, heatmapHeight } = stageLayout(562, groups);
    expect(rowHeight).toBe(15);
    expect(heatmapHeight).toBeLessThan(400);
  });

  it("shows nine rows in the lowest window", () => {
    expect(stageLayout(0, llamaGroups).heatmapHeight).toBe(9 * 15 + 12);
  });
});

describe("a value axis", () => {
  it("starts at 0 and ends at a round number", () => {
    expect(valueAxis([0.012, 0.0371], 72)).toEqual({ bottom: 0, top: 0.04, height: 72 });
    expect(valueAxis([], 72)).toEqual({ bottom: 0, top: 1, height: 72 });
  });

  it("is even about 0 for cosines", () => {
    expect(valueAxis([-0.02, 0.061], 72, true)).toMatchObject({ bottom: -0.08, top: 0.08 });
  });

  test.each([
    [0.0411, 0.05],
    [1, 1],
    [1.01, 1.5],
    [999, 1000],
    [0, 0],
  ])("rounds %d up to %d", (value, rounded) => expect(roundUp(value)).toBe(rounded));

  test.each([
    [0.048, [0, 0.01, 0.02, 0.03, 0.04, 0.05]],
    [13, [0, 5, 10, 15]],
    [0, [0, 1]],
  ])("has round ticks up to %d", (most, ticks) => expect(roundTicks(most)).toEqual(ticks));

  it("puts its top at 0 pixels and its bottom at its height", () => {
    const axis = valueAxis([4], 72);
    expect([yOf(axis, 4), yOf(axis, 2), yOf(axis, 0)]).toEqual([0, 36, 72]);
  });
});

describe("a line", () => {
  const axis = depthAxis({ width: 100, layerCount: 4, beforeCount: 0, afterCount: 0, labelWidth: 0, endWidth: 0 });
  const scale = { bottom: 0, top: 1, height: 10 };

  it("passes over layers that are not measured", () => {
    expect(linePath(axis, scale, [0, null, 1, null])).toBe("M12.5 10L62.5 0");
    expect(linePath(axis, scale, [null])).toBe("");
  });

  it("is closed down to 0 to be filled", () => {
    expect(areaPath(axis, scale, [1, 1, 1, 1])).toBe("M12.5 0L37.5 0L62.5 0L87.5 0L87.5 10L12.5 10Z");
  });
});

describe("labels", () => {
  it("are moved apart and stay inside", () => {
    expect(spreadLabels([50, 52, 70], 14, 72)).toEqual([44, 58, 72]);
    expect(spreadLabels([10, 60], 14, 72)).toEqual([10, 60]);
  });
});
