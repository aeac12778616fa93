import type { MeasurePlan } from "../plan/measure-plan.ts";
import { type Metrics, metricsOf } from "./metrics.ts";
import type { TensorStatistics } from "./tensor-statistics.ts";

/** One tensor's figures, as `measure --json` prints them. */
export interface TensorReport {
  readonly name: string;
  readonly layer: number | null;
  readonly module: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly elements: number;
  readonly base: number | null;
  readonly chat: number | null;
  readonly target: number | null;
  readonly vector: number | null;
  readonly shift: number | null;
  readonly merged: number | null;
  readonly relative: number | null;
  readonly cosine: number | null;
  readonly maxAbs: number | null;
  readonly meanAbs: number | null;
  readonly zeroFraction: number | null;
  readonly nonFinite: {
    readonly count: number;
    readonly first: { readonly model: string; readonly index: number };
  } | null;
}

export interface LayerReport {
  readonly layer: number;
  readonly vector: number | null;
  readonly relative: number | null;
  readonly cosine: number | null;
}

/** The figures of a measured plan's first vector, at one λ for all tensors. */
export function measureReport(plan: MeasurePlan, statistics: readonly TensorStatistics[], scale: number) {
  const byName = new Map(statistics.map((each) => [each.name, each]));
  const layers = new Map<number, TensorStatistics[]>();
  const tensors = plan.tensors.flatMap(({ name, layer, module, dtype, shape, elementCount }): TensorReport[] => {
    const found = byName.get(name);
    if (found === undefined) return [];
    if (layer !== null) layers.set(layer, [...(layers.get(layer) ?? []), found]);
    const metrics = metricsOf([{ statistics: found, scales: plan.vectorNames.map(() => scale) }], 0);
    return [
      {
        name,
        layer,
        module,
        dtype,
        shape,
        elements: elementCount,
        ...figuresOf(metrics),
        nonFinite: nonFiniteOf(found),
      },
    ];
  });
  const layerReports = [...layers].map(([layer, found]): LayerReport => {
    const { vector, relative, cosine } = metricsOf(
      found.map((each) => ({ statistics: each, scales: [] })),
      0,
    );
    return { layer, vector, relative, cosine };
  });
  return { tensors, layers: layerReports.sort((a, b) => a.layer - b.layer) };
}

/** The tensors' figures as a table: comma-separated, a header line, empty where there is no value. */
export function measureCsv(tensors: readonly TensorReport[]): string {
  const columns = Object.keys(csvRow(emptyReport)).join(",");
  const lines = tensors.map((tensor) => Object.values(csvRow(tensor)).map(csvField).join(","));
  return `${[columns, ...lines].join("\n")}\n`;
}

function figuresOf(metrics: Metrics) {
  const { base, chat, target, vector, shift, merged, relative, cosine, zeroFraction } = metrics;
  const { maximum: maxAbs, mean: meanAbs } = metrics;
  return { base, chat, target, vector, shift, merged, relative, cosine, maxAbs, meanAbs, zeroFraction };
}

function nonFiniteOf({ nonFiniteCount, firstNonFinite }: TensorStatistics): TensorReport["nonFinite"] {
  if (firstNonFinite === null) return null;
  return { count: nonFiniteCount, first: { model: firstNonFinite.role, index: firstNonFinite.index } };
}

function csvRow({ shape, nonFinite, ...rest }: TensorReport) {
  return { ...rest, shape: shape.join("×"), nonFinite: nonFinite?.count ?? 0 };
}

/** One field of a table. A name may hold anything; a cell that begins like a formula would be run as one by spreadsheets. */
export function csvField(value: string | number | null): string {
  if (typeof value !== "string") return value === null ? "" : String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const emptyReport: TensorReport = {
  name: "",
  layer: null,
  module: "",
  dtype: "",
  shape: [],
  elements: 0,
  base: null,
  chat: null,
  target: null,
  vector: null,
  shift: null,
  merged: null,
  relative: null,
  cosine: null,
  maxAbs: null,
  meanAbs: null,
  zeroFraction: null,
  nonFinite: null,
};
