import { beforeEach, describe, expect, it, vi } from "vitest";
import { metricKeys } from "../../../src-core/statistics/metric.ts";
import { replanDelayMs } from "../store/plan-slice.ts";
import { createStudioStore, type StudioStore } from "../store/studio-store.ts";
import {
  createFakeStudio,
  type FakeStudio,
  fail,
  measureStart,
  planRow,
  planSummary,
  succeed,
  tensorStatistics,
} from "../store/testing/fake-studio.ts";
import { figureCaption, figureName } from "./caption.ts";
import { figureOf } from "./figure.ts";
import { element, escapeXml, wrapText } from "./svg.ts";
import { tensorCsv } from "./tensor-csv.ts";

const modules = ["self_attn.q_proj", "mlp.up_proj", "input_layernorm"];
const names = [
  "model.embed_tokens.weight",
  ...[0, 1, 2, 3].flatMap((layer) => modules.map((module) => `model.layers.${layer}.${module}.weight`)),
  "lm_head.weight",
];

let studio: FakeStudio;
let store: StudioStore;
const state = () => store.getState();
const count = (svg: string, part: string) => svg.split(part).length - 1;

beforeEach(async () => {
  vi.useFakeTimers();
  studio = createFakeStudio();
  studio.answer("plan", async () => succeed(planSummary({ rows: names.map((name) => planRow(name)) })));
  const tensors = names.map((name, index) => tensorStatistics(name, { vector: 0.1 * index, cosine: 0.3 }));
  studio.answer("startMeasure", async () => succeed(measureStart("m", names, { tensors })));
  store = createStudioStore(studio);
  await state().openSamples();
  await vi.advanceTimersByTimeAsync(replanDelayMs);
  return () => vi.useRealTimers();
});

describe("a heatmap figure", () => {
  it("has a cell for every module and layer, the bars, a line for every family, and λ", () => {
    const { svg } = figureOf(state(), "");
    expect(count(svg, "<rect")).toBe(1 + 12 + 2 + 1);
    for (const text of [
      "q_proj",
      "up_proj",
      "input norm",
      "embed",
      "head",
      "attention",
      "mlp",
      "norms",
      "λ by layer",
    ]) {
      expect(svg).toContain(`>${text}</text>`);
    }
  });

  it("says models, metric, λ, curve, rules and program", () => {
    state().setScale(0.8);
    state().applyPreset("ramp up");
    state().addRules(["*norm.weight"], 0);
    const caption = figureCaption(state());
    expect(caption).toContain("Relative norm, ‖τ‖ / ‖base‖, by module and layer");
    expect(caption).toContain("τ = model-chat − model-base. σ = model-target − model-base.");
    expect(caption).toContain("λ 0.80; times by layer 0: 0.00, 3: 1.00; rules *norm.weight λ 0.00.");
    expect(caption).toContain("Chat Vector Studio 0.1.0.");
    expect(figureOf(state(), "").svg).toContain("Chat Vector Studio");
  });

  it("says when it was measured in part", async () => {
    studio.answer("startMeasure", async () =>
      succeed(measureStart("m", names, { tensors: [tensorStatistics(names[1] ?? "")] })),
    );
    await state().startMeasure();
    expect(figureCaption(state())).toContain("Measured in part: 1 of 14 tensors.");
    expect(figureOf(state(), "").svg).toContain("<rect");
  });

  it.each(metricKeys)("can be made of %s, linear and logarithmic", (metric) => {
    state().chooseMetric(metric);
    for (const logScale of [false, true]) {
      state().setLogScale(logScale);
      const { svg } = figureOf(state(), "");
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    }
  });

  it("is well-formed whatever the models are called", () => {
    const { target } = state();
    const { model } = target;
    if (model === null) throw new Error("no target");
    store.setState({ target: { ...target, model: { ...model, name: '<a> & "b" \u0000' } } });
    const { svg } = figureOf(state(), "");
    expect(svg).toContain("&lt;a&gt; &amp; &quot;b&quot;");
    expect(svg).not.toContain("<a>");
  });
});

describe("a figure of the comparison", () => {
  it("has a point for every part and names the axes", () => {
    state().showView("compare");
    state().compareBy("modules");
    const { svg } = figureOf(state(), "");
    expect(count(svg, "<circle")).toBe(5);
    expect(svg).toContain("target shift, ‖σ‖ / ‖base‖");
    expect(figureName(state())).toBe("model-target-comparison");
  });

  it("can be logarithmic", () => {
    state().showView("compare");
    state().setLogScale(true);
    expect(figureOf(state(), "").svg).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describe("a table", () => {
  it("has a line for every measured tensor with all figures, under the caption", () => {
    const [caption, columns, ...lines] = tensorCsv(state(), figureCaption(state())).trimEnd().split("\n");
    expect(caption).toMatch(/^# Relative norm, /);
    expect(lines).toHaveLength(names.length);
    const fields = columns?.split(",") ?? [];
    const row = lines[3]?.split(",") ?? [];
    expect(row).toHaveLength(fields.length);
    const value = (name: string) => row[fields.indexOf(name)];
    expect(value("name")).toBe(names[3]);
    expect(Number(value("vector"))).toBeCloseTo(0.3);
    expect(Number(value("relative"))).toBeCloseTo(0.03);
    expect(Number(value("scale"))).toBe(1);
  });

  it("is saved under the models' name", async () => {
    await state().saveFigure("csv");
    expect(studio.argumentsOf("saveFigure")).toEqual([
      { name: "model-target-relative-norm", type: "csv", data: tensorCsv(state(), figureCaption(state())) },
    ]);
    expect(state().savingFigure).toBe(false);
  });

  it("that cannot be saved says why", async () => {
    studio.answer("saveFigure", async () => fail({ code: "write-failed", what: "The figure could not be saved" }));
    await state().saveFigure("csv");
    expect(state().figureFailure?.code).toBe("write-failed");
    state().dismissFigureFailure();
    expect(state().figureFailure).toBeNull();
  });
});

describe("SVG text", () => {
  it("is escaped, and holds no character that XML forbids", () => {
    expect(escapeXml('a<b>&"\u0001\u{1f600}\ud800')).toBe("a&lt;b&gt;&amp;&quot;\u{1f600}");
  });

  it("leaves out attributes without a value", () => {
    expect(element("rect", { x: 1.23456, y: undefined, fill: "red" })).toBe('<rect x="1.23" fill="red"/>');
  });

  it("is wrapped at spaces", () => {
    expect(wrapText("one two three four", 9)).toEqual(["one two", "three", "four"]);
    expect(wrapText("averylongword x", 5)).toEqual(["averylongword", "x"]);
  });
});
