import { formatCounted, formatScale } from "../format/format.ts";
import { metricTexts } from "../format/metric-text.ts";
import { curvePointsOf } from "../shape/curve-points.ts";
import type { EditedVector } from "../store/edited-vector.ts";
import { scaleRecipeOf, shownMetric, shownVectorOf } from "../store/measured.ts";
import type { StudioState } from "../store/studio-state.ts";
import { completeVectorsOf, slotsOf, vectorNameOf } from "../store/vectors.ts";
import { heatmapModelOf } from "../views/heatmap-model.ts";

/** What a figure shows, of which models, at which λ, made by what. */
export function figureCaption(state: StudioState): string {
  return [subject(state), models(state), scale(state), completeness(state), program(state)].filter(Boolean).join(" ");
}

function subject(state: StudioState): string {
  if (state.view === "compare") {
    const by = { cells: "tensor", modules: "module", layers: "layer" }[state.comparison];
    return `Chat vector τ against target shift σ, a point for each ${by}: norms relative to the base’s, colour cos(τ, σ), area by number of parameters.`;
  }
  const metric = shownMetric(state);
  const { domain, hasNonFinite } = heatmapModelOf(state);
  const clipped = domain?.clipsLeast === true || domain?.clipsMost === true;
  return [
    `${metricTexts[metric].name}, ${metricTexts[metric].formula}, by module and layer; profile by family, all tensors of a layer together.`,
    domain?.kind === "log" ? "Logarithmic colours." : "",
    hasNonFinite ? "A dot marks a tensor with NaN or infinity, whose other elements count." : "",
    clipped ? "Cells beyond the scale take the colour of its end." : "",
  ]
    .filter(Boolean)
    .join(" ");
}

function models(state: StudioState): string {
  const shown = completeVectorsOf(state)[shownVectorOf(state)];
  const chat = shown?.chat.model.name ?? "chat";
  const base = shown?.base.model.name ?? "base";
  const vector = `τ = ${chat} − ${base}.`;
  return state.target.model === null ? vector : `${vector} σ = ${state.target.model.name} − ${base}.`;
}

/** λ, the curve by its values, and the rules, of each vector; nothing without a target. */
function scale(state: StudioState): string {
  if (state.target.model === null) return "";
  const vectors = completeVectorsOf(state);
  return vectors
    .map((vector) => {
      const of = vectors.length === 1 ? "" : `${vectorNameOf(state, vector.id)}: `;
      return `${of}${scaleOfVector(state, vector)}.`;
    })
    .join(" ");
}

function scaleOfVector(state: StudioState, vector: EditedVector): string {
  const { curve, outside, rules = [] } = scaleRecipeOf(state, vector);
  const points = curvePointsOf(state, vector).map(({ layer, factor }) => `${layer}: ${formatScale(factor)}`);
  const parts = [
    `λ ${formatScale(vector.scale)}`,
    ...(curve === undefined ? [] : [`times by layer ${points.join(", ")}`]),
    ...(outside === undefined ? [] : [`outside the layers ${formatScale(outside)}`]),
    ...(rules.length === 0
      ? []
      : [`rules ${rules.map((rule) => `${rule.tensors} λ ${formatScale(rule.scale)}`).join(", ")}`]),
  ];
  return parts.join("; ");
}

function completeness({ statistics }: StudioState): string {
  const known = statistics.filter((ofTensor) => ofTensor !== null).length;
  return known === statistics.length
    ? ""
    : `Measured in part: ${known} of ${formatCounted(statistics.length, "tensor")}.`;
}

function program({ environment }: StudioState): string {
  return `Chat Vector Studio ${environment?.version ?? ""}`.trim().concat(".");
}

/** A file's name without ending: "llama-2-ko-7b-relative-norm". */
export function figureName(state: StudioState): string {
  const model = state.target.model?.name ?? slotsOf(state).chat.model?.name ?? "chat-vector";
  const what = state.view === "compare" ? "comparison" : metricTexts[shownMetric(state)].name;
  return `${model}-${what}`
    .toLowerCase()
    .replace(/[^\p{L}\p{N}._-]+/gu, "-")
    .slice(0, 120);
}
