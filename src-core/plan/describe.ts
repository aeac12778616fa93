import type { Recipe } from "../recipe/recipe.ts";
import type { TensorScale } from "../recipe/scale.ts";
import type { Treatment } from "./treatment.ts";

/** What the plan does with a tensor, in words: "λ 0.80 × 0.50 (curve)", "only in the target". */
export function describeTreatment({ contributions, obstacles }: Treatment, recipe: Recipe): string {
  if (contributions.length === 0) return [...new Set(obstacles.map(({ reason }) => reason))].join("; ");
  const several = recipe.vectors.length > 1;
  // A vector may reach a tensor in several parts, all with one λ.
  const byVector = new Map(contributions.map(({ vector, scale }) => [vector, scale]));
  const parts = [...byVector].map(([vector, scale]) => {
    const text = describeScale(scale);
    return several ? `${recipe.vectors[vector]?.name} ${text}` : text;
  });
  const limits = obstacles.filter(({ code, vocabulary }) => vocabulary !== undefined || code === "layout-matched");
  return [parts.join(" + "), ...new Set(limits.map(({ reason }) => reason))].join("; ");
}

function describeScale({ scale, because }: TensorScale): string {
  if (because.kind === "rule") return `λ ${scaleText(scale)} (rule ${because.pattern})`;
  if (because.kind === "curve") return `λ ${scaleText(scale)} (× ${scaleText(because.factor)} by the curve)`;
  return `λ ${scaleText(scale)}`;
}

/** Two decimals, more where two would hide the value; a real minus sign. */
function scaleText(scale: number): string {
  const rounded = scale.toFixed(2);
  const text = Math.abs(Number(rounded) - scale) <= 1e-6 ? rounded : String(Number(scale.toPrecision(4)));
  return text.replace("-", "−");
}
