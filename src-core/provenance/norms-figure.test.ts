import { describe, expect, test } from "vitest";
import type { LayerReport } from "../statistics/measure-report.ts";
import { formatNormsFigure } from "./norms-figure.ts";

const layers = (values: readonly (number | null)[]): LayerReport[] =>
  values.map((relative, layer) => ({ layer, vector: relative, relative, cosine: null }));

describe("the norms in a model card", () => {
  test("are a line over the layers, up to the greatest, without what was not measured", () => {
    const figure = formatNormsFigure({ tensors: [], layers: layers([0.01, null, 0.03]) }, ["chat"]) ?? "";
    expect(figure).toContain('points="177.3,157.3 ');
    expect(figure.match(/points="([^"]+)"/)?.[1]?.split(" ")).toHaveLength(2);
    expect(figure).toContain(">3 %<");
    expect(figure).toContain(">2</text>");
  });

  test("of several vectors are told apart, and a name is never markup", () => {
    const several = ["math", "<script>alert(1)</script>"].map((name) => ({ name, layers: layers([0.1]), cosines: [] }));
    const figure = formatNormsFigure({ tensors: [], layers: layers([0.1]), vectors: several }, []) ?? "";
    expect(figure.match(/<polyline/g)).toHaveLength(2);
    expect(figure).toContain(">&lt;script&gt;");
    expect(figure).not.toContain("<script");
  });

  test("that are none, nothing or no numbers are no figure", () => {
    for (const values of [[], [null], [0], [Number.POSITIVE_INFINITY]]) {
      expect(formatNormsFigure({ tensors: [], layers: layers(values) }, ["chat"])).toBeNull();
    }
  });
});
