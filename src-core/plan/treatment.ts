import { elementCount, type TensorEntry } from "../checkpoint/checkpoint.ts";
import { isMergeable } from "../checkpoint/dtype.ts";
import type { Recipe } from "../recipe/recipe.ts";
import { scaleOfTensor, type TensorScale } from "../recipe/scale.ts";
import type { TensorIndex } from "./alignment.ts";
import type { ProblemCode } from "./problem.ts";
import type { CoveredRun } from "./spans.ts";
import { hasVocabularyRows, normalizeTensorName, placeOfTensor } from "./tensor-names.ts";

/** One vector's part in one tensor: the elements of its runs get λ · (chat − base). */
export interface Contribution {
  readonly vector: number;
  readonly scale: TensorScale;
  readonly chat: TensorEntry;
  readonly base: TensorEntry;
  /** In the target's order. */
  readonly runs: readonly CoveredRun[];
  /** Said when the vocabularies differ, so that only shared rows take part. */
  readonly partly?: Obstacle;
}

/** Why a vector does not touch a tensor, or not all of it. */
export interface Obstacle {
  readonly vector: number;
  readonly code: ProblemCode | "scale-zero";
  readonly reason: string;
  readonly expected?: string;
  readonly actual?: string;
}

export interface Treatment {
  readonly contributions: readonly Contribution[];
  readonly obstacles: readonly Obstacle[];
}

export interface AlignedVector {
  readonly chat: TensorIndex;
  readonly base: TensorIndex;
}

/** What the recipe does to one tensor of the target. Decides; reports what stood in the way; writes nothing. */
export function treatTensor(
  tensor: TensorEntry,
  recipe: Recipe,
  vectors: readonly AlignedVector[],
  layerCount: number,
): Treatment {
  const contributions: Contribution[] = [];
  const obstacles: Obstacle[] = [];
  if (!isMergeable(tensor.dtype)) {
    return { contributions, obstacles: [{ vector: 0, code: "dtype-copied", reason: `${tensor.dtype} is copied` }] };
  }
  const names = [tensor.name, normalizeTensorName(tensor.name)];
  const { layer } = placeOfTensor(tensor.name);
  recipe.vectors.forEach((recipeVector, vector) => {
    const aligned = vectors[vector];
    if (aligned === undefined) throw new Error(`no checkpoints for vector ${vector}`);
    const scale = scaleOfTensor(recipeVector, names, layer, layerCount);
    const found = contributionOf(tensor, vector, aligned, scale, recipe);
    if ("code" in found) obstacles.push(found);
    else {
      contributions.push(found);
      if (found.partly !== undefined) obstacles.push(found.partly);
    }
  });
  return { contributions, obstacles };
}

function contributionOf(
  tensor: TensorEntry,
  vector: number,
  aligned: AlignedVector,
  scale: TensorScale,
  recipe: Recipe,
): Contribution | Obstacle {
  if (scale.scale === 0) return { vector, code: "scale-zero", reason: describeZero(scale) };
  const chat = aligned.chat.findOrTied(tensor.name);
  const base = aligned.base.findOrTied(tensor.name);
  if (chat === null && base === null) return { vector, code: "tensor-only-in-target", reason: "only in the target" };
  if (chat === null) return { vector, code: "tensor-missing-in-chat", reason: "not in chat" };
  if (base === null) return { vector, code: "tensor-missing-in-base", reason: "not in base" };
  for (const other of [chat, base]) {
    if (!isMergeable(other.dtype)) {
      return { vector, code: "dtype-copied", reason: `${other.dtype} in ${other === chat ? "chat" : "base"}` };
    }
  }
  const whole = { vector, scale, chat, base, runs: firstElements(elementCount(tensor.shape)) };
  if (sameShape(tensor.shape, chat.shape) && sameShape(tensor.shape, base.shape)) return whole;
  const shapes = {
    expected: shapeText(tensor.shape),
    actual: `chat ${shapeText(chat.shape)}, base ${shapeText(base.shape)}`,
  };
  const rows = sharedVocabularyRows(tensor, chat, base);
  if (rows === null) return { vector, code: "shape-differs", reason: "shapes differ", ...shapes };
  if (recipe.vocabulary === "first-rows") {
    const rowElementCount = elementCount(tensor.shape.slice(1));
    const reason = `the first ${rows} rows`;
    return {
      ...whole,
      runs: firstElements(rows * rowElementCount),
      partly: { vector, code: "vocabulary-differs", reason, ...shapes },
    };
  }
  return { vector, code: "vocabulary-differs", reason: "vocabularies differ", ...shapes };
}

function firstElements(count: number): CoveredRun[] {
  return count === 0 ? [] : [{ target: 0, chat: 0, base: 0, elementCount: count }];
}

/** The rows that all three have, when only the number of tokens differs; null for any other difference. */
function sharedVocabularyRows(target: TensorEntry, chat: TensorEntry, base: TensorEntry): number | null {
  if (!hasVocabularyRows(target.name)) return null;
  const rowShape = target.shape.slice(1);
  for (const other of [chat, base]) {
    if (other.shape.length !== target.shape.length || !sameShape(rowShape, other.shape.slice(1))) return null;
  }
  return Math.min(target.shape[0] ?? 0, chat.shape[0] ?? 0, base.shape[0] ?? 0);
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((dimension, index) => dimension === b[index]);
}

export function shapeText(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

function describeZero({ because }: TensorScale): string {
  return because.kind === "rule" ? `λ 0 by rule ${because.pattern}` : "λ 0";
}
