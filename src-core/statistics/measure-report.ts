import type { MeasuredTensor, MeasurePlan } from "../plan/measure-plan.ts";
import { normalizeTensorName } from "../plan/tensor-names.ts";
import type { RecipeVector } from "../recipe/recipe.ts";
import { scaleOfTensor } from "../recipe/scale.ts";
import { cosineOfVectors, type Metrics, metricsOf } from "./metrics.ts";
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
  /** Absent where there is one vector. */
  readonly vectors?: readonly VectorReport[];
}

/** Of several vectors, what `measure --json` prints of each beside the tensor's own figures, which are the first one's. */
export type VectorReport = { readonly name: string; readonly scale: number } & Pick<
  TensorReport,
  "base" | "chat" | "vector" | "shift" | "relative" | "cosine" | "maxAbs" | "meanAbs" | "zeroFraction"
>;

export interface LayerReport {
  readonly layer: number;
  readonly vector: number | null;
  readonly relative: number | null;
  readonly cosine: number | null;
}

/** What decides each vector's λ, in the plan's order. */
type VectorScales = readonly Pick<RecipeVector, "name" | "scale" | "curve" | "outside" | "rules">[];

/** The figures of a measured plan at the vectors' λ: of the first vector, and of each where there are several. */
export function measureReport(
  plan: MeasurePlan,
  statistics: readonly TensorStatistics[],
  vectors: VectorScales,
): MeasureReport {
  const byName = new Map(statistics.map((each) => [each.name, each]));
  const scalesOf = scalesIn(plan, vectors);
  const layers = new Map<number, TensorStatistics[]>();
  const tensors = plan.tensors.flatMap((tensor): TensorReport[] => {
    const { name, layer, module, dtype, shape, elementCount } = tensor;
    const found = byName.get(name);
    if (found === undefined) return [];
    if (layer !== null) layers.set(layer, [...(layers.get(layer) ?? []), found]);
    const scaled = [{ statistics: found, scales: scalesOf(tensor) }];
    const figures = vectors.map((_, vector) => figuresOf(metricsOf(scaled, vector)));
    const [first] = figures;
    if (first === undefined) return [];
    return [
      {
        name,
        layer,
        module,
        dtype,
        shape,
        elements: elementCount,
        ...first,
        nonFinite: nonFiniteOf(found),
        ...(vectors.length === 1 ? {} : { vectors: vectorReports(vectors, figures, scalesOf(tensor)) }),
      },
    ];
  });
  const layersOf = (vector: number) =>
    [...layers].map(([layer, found]) => layerReport(layer, found, vector)).sort(byLayer);
  const cosines = vectors.map((_, v) => vectors.map((__, w) => cosineOfVectors(statistics, v, w)));
  return {
    tensors,
    layers: layersOf(0),
    ...(vectors.length === 1
      ? {}
      : {
          vectors: vectors.map(({ name }, vector) => ({
            name,
            layers: layersOf(vector),
            cosines: cosines[vector] ?? [],
          })),
        }),
  };
}

export interface MeasureReport {
  readonly tensors: readonly TensorReport[];
  /** Of the first vector. */
  readonly layers: readonly LayerReport[];
  /** Absent where there is one vector. `cosines`: cos(τ, τ′) with each vector over the whole model. */
  readonly vectors?: readonly {
    readonly name: string;
    readonly layers: readonly LayerReport[];
    readonly cosines: readonly (number | null)[];
  }[];
}

/** λ of each vector for a tensor, as a merge plans it. */
function scalesIn({ tensors }: MeasurePlan, vectors: VectorScales): (tensor: MeasuredTensor) => readonly number[] {
  const layerCount = tensors.reduce((most, { layer }) => Math.max(most, (layer ?? -1) + 1), 0);
  return ({ name, layer }) =>
    vectors.map(
      (vector) =>
        scaleOfTensor({ ...vector, chat: "", base: "" }, [name, normalizeTensorName(name)], layer, layerCount).scale,
    );
}

function vectorReports(
  vectors: VectorScales,
  figures: readonly ReturnType<typeof figuresOf>[],
  scales: readonly number[],
): VectorReport[] {
  return vectors.flatMap(({ name }, index) => {
    const found = figures[index];
    if (found === undefined) return [];
    const { base, chat, vector, shift, relative, cosine, maxAbs, meanAbs, zeroFraction } = found;
    const scale = scales[index] ?? 0;
    return { name, scale, base, chat, vector, shift, relative, cosine, maxAbs, meanAbs, zeroFraction };
  });
}

function layerReport(layer: number, found: readonly TensorStatistics[], vector: number): LayerReport {
  const metrics = metricsOf(
    found.map((each) => ({ statistics: each, scales: [] })),
    vector,
  );
  return { layer, vector: metrics.vector, relative: metrics.relative, cosine: metrics.cosine };
}

const byLayer = (a: LayerReport, b: LayerReport) => a.layer - b.layer;

/**
 * The tensors' figures as a table: comma-separated, a header line, empty where there is no value. Of several vectors each has a line
 * for each tensor, which begins with its name.
 */
export function measureCsv(tensors: readonly TensorReport[]): string {
  const several = tensors.some(({ vectors }) => vectors !== undefined);
  const rows = tensors.flatMap((tensor) =>
    several
      ? (tensor.vectors ?? []).map((vector) => ({
          of: vector.name,
          ...csvRow({ ...tensor, ...vector, name: tensor.name }),
        }))
      : [csvRow(tensor)],
  );
  const columns = Object.keys(several ? { of: "", ...csvRow(emptyReport), scale: 0 } : csvRow(emptyReport));
  const lines = rows.map((row: Record<string, string | number | null>) =>
    columns.map((column) => csvField(row[column] ?? null)).join(","),
  );
  return `${[columns.join(","), ...lines].join("\n")}\n`;
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

function csvRow({ shape, nonFinite, vectors: _, ...rest }: TensorReport) {
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
