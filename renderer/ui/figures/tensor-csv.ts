import { metricsOfCell } from "../../../src-core/statistics/cell-values.ts";
import { csvField } from "../../../src-core/statistics/measure-report.ts";
import { scaledTensorsOf, scalesOf, shownVectorOf } from "../store/measured.ts";
import type { StudioState } from "../store/studio-state.ts";

const columns = [
  "name",
  "layer",
  "module",
  "dtype",
  "shape",
  "elements",
  "base",
  "chat",
  "target",
  "vector",
  "shift",
  "merged",
  "relative",
  "relativeToTarget",
  "cosine",
  "maxAbs",
  "meanAbs",
  "zeroFraction",
  "scale",
  "mergedShift",
  "mergedShiftRelative",
  "nonFinite",
] as const;

/** A line for every measured tensor with all its figures at the present λ; the caption stands above them, after "# ". */
export function tensorCsv(state: StudioState, caption: string): string {
  const tensors = scaledTensorsOf(state);
  const scales = scalesOf(state);
  const shown = shownVectorOf(state);
  const lines = state.measureRows.flatMap(({ name, layer, module, dtype, shape, elementCount }, index) => {
    const metrics = metricsOfCell([index], tensors, shown);
    if (metrics === null) return [];
    const { base, chat, target, vector, shift, merged, relative, relativeToTarget, cosine } = metrics;
    const { maximum, mean, zeroFraction, mergedShift, mergedShiftRelative } = metrics;
    const nonFinite = state.statistics[index]?.nonFiniteCount ?? 0;
    const figures = [base, chat, target, vector, shift, merged, relative, relativeToTarget, cosine, maximum, mean];
    const atScale = [scales[index] ?? 0, mergedShift, mergedShiftRelative, nonFinite];
    const fields = [name, layer, module, dtype, shape.join("×"), elementCount, ...figures, zeroFraction, ...atScale];
    return [fields.map(csvField).join(",")];
  });
  return `# ${caption.replace(/\s+/g, " ")}\n${columns.join(",")}\n${lines.join("\n")}\n`;
}
