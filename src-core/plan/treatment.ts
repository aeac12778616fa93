import { elementCount, type TensorEntry } from "../checkpoint/checkpoint.ts";
import { isFloat } from "../checkpoint/dtype.ts";
import type { Recipe } from "../recipe/recipe.ts";
import { scaleOfTensor, type TensorScale } from "../recipe/scale.ts";
import type { Roles } from "../vocabulary/match-rows.ts";
import type { TensorIndex } from "./alignment.ts";
import { modalityPart } from "./modality.ts";
import type { ProblemCode } from "./problem.ts";
import { meetingPieces, projectionPieces, type TensorPiece } from "./projections.ts";
import { elementsOfRows, withoutRows } from "./row-runs.ts";
import type { CoveredRun } from "./spans.ts";
import { hasVocabularyRows, normalizeTensorName, placeOfTensor } from "./tensor-names.ts";
import type { VocabularyFinding, VocabularyTreatments } from "./vocabulary-treatment.ts";

/** One vector's part in one tensor: the elements of its runs get λ · (chat − base). */
export interface Contribution {
  readonly vector: number;
  readonly scale: TensorScale;
  readonly chat: TensorEntry;
  readonly base: TensorEntry;
  /** In the target's order. */
  readonly runs: readonly CoveredRun[];
  /** Said when the vocabularies differ, so that not every row takes part. */
  readonly partly?: Obstacle;
}

/** Why a vector does not touch a tensor, or not all of it. */
export interface Obstacle {
  readonly vector: number;
  readonly code: ProblemCode | "scale-zero";
  readonly reason: string;
  readonly expected?: string;
  readonly actual?: string;
  /** Where it is about rows of tokens. */
  readonly vocabulary?: VocabularyFinding;
}

export interface Treatment {
  readonly contributions: readonly Contribution[];
  readonly obstacles: readonly Obstacle[];
}

export interface AlignedVector {
  readonly chat: TensorIndex;
  readonly base: TensorIndex;
}

export interface TreatmentContext {
  readonly recipe: Recipe;
  readonly target: TensorIndex;
  /** In the recipe's order. */
  readonly vectors: readonly AlignedVector[];
  readonly layerCount: number;
  readonly vocabularies: VocabularyTreatments;
  /** Rows of embedding and head that the chat model's own take: no vector is added to them. Ascending. */
  readonly takenRows: readonly number[];
}

/** What the recipe does to one tensor of the target. Decides; reports what stood in the way; writes nothing. */
export function treatTensor(tensor: TensorEntry, context: TreatmentContext): Treatment {
  const { recipe, vectors, layerCount } = context;
  const contributions: Contribution[] = [];
  const obstacles: Obstacle[] = [];
  if (!isFloat(tensor.dtype)) {
    return { contributions, obstacles: [{ vector: 0, code: "dtype-copied", reason: `${tensor.dtype} is copied` }] };
  }
  // A head that is stored though it is tied stays what the embedding is.
  const name = context.target.tiedName(tensor.name);
  const names = [name, normalizeTensorName(name)];
  const { layer } = placeOfTensor(name);
  recipe.vectors.forEach((recipeVector, vector) => {
    const aligned = vectors[vector];
    if (aligned === undefined) throw new Error(`no checkpoints for vector ${vector}`);
    const scale = scaleOfTensor(recipeVector, names, layer, layerCount);
    const found = scale.scale === 0 ? null : partsOf(tensor, vector, aligned, scale, context.target);
    if (found !== null) {
      contributions.push(...found.contributions);
      obstacles.push(found.obstacle);
      return;
    }
    const whole = contributionOf(tensor, name, vector, scale, context);
    if ("code" in whole) obstacles.push(whole);
    else {
      if (whole.runs.length > 0 || whole.partly === undefined) contributions.push(whole);
      if (whole.partly !== undefined) obstacles.push(whole.partly);
    }
  });
  return { contributions, obstacles };
}

function contributionOf(
  tensor: TensorEntry,
  name: string,
  vector: number,
  scale: TensorScale,
  context: TreatmentContext,
): Contribution | Obstacle {
  const aligned = context.vectors[vector];
  if (aligned === undefined) throw new Error(`no checkpoints for vector ${vector}`);
  if (scale.scale === 0) return { vector, code: "scale-zero", reason: describeZero(scale) };
  const ambiguity = ambiguityOf(tensor, vector, context.target, aligned);
  if (ambiguity !== null) return ambiguity;
  const chat = aligned.chat.findOrTied(name);
  const base = aligned.base.findOrTied(name);
  if (chat === null || base === null) return missing(tensor, vector, aligned, chat, base);
  for (const other of [chat, base]) {
    if (!isFloat(other.dtype)) {
      return { vector, code: "dtype-copied", reason: `${other.dtype} in ${other === chat ? "chat" : "base"}` };
    }
  }
  const tensors = { target: tensor, chat, base };
  if (hasVocabularyRows(tensor.name) && differInRowsAlone(tensors)) return tokenRows(tensors, vector, scale, context);
  if (sameShape(tensor.shape, chat.shape) && sameShape(tensor.shape, base.shape)) {
    return { vector, scale, chat, base, runs: firstElements(elementCount(tensor.shape)) };
  }
  return { vector, code: "shape-differs", reason: "shapes differ", ...shapesOf(tensors) };
}

/** Embeddings and head: which rows take part, the vocabularies say. */
function tokenRows(
  tensors: Roles<TensorEntry>,
  vector: number,
  scale: TensorScale,
  { vocabularies, takenRows }: TreatmentContext,
): Contribution {
  const { target, chat, base } = tensors;
  const rows = { target: rowCount(target), chat: rowCount(chat), base: rowCount(base) };
  const { runs, finding } = vocabularies.treat(vector, rows);
  const elements = elementsOfRows(withoutRows(runs, takenRows), elementCount(target.shape.slice(1)));
  const contribution = { vector, scale, chat, base, runs: elements };
  if (finding === null) return contribution;
  const shapes = rows.target === rows.chat && rows.target === rows.base ? {} : shapesOf(tensors);
  const partly = { vector, code: finding.code, reason: finding.reason, ...shapes, vocabulary: finding };
  return { ...contribution, partly };
}

/** A projection that one of the models stores fused and another split, put together from its rows; null for any other tensor. */
function partsOf(
  tensor: TensorEntry,
  vector: number,
  aligned: AlignedVector,
  scale: TensorScale,
  target: TensorIndex,
): { readonly contributions: readonly Contribution[]; readonly obstacle: Obstacle } | null {
  // Nearly every tensor is stored as the target stores it.
  if (aligned.chat.hasExactly(tensor.name) && aligned.base.hasExactly(tensor.name)) return null;
  const [chat, base] = [aligned.chat, aligned.base].map((index) => piecesOf(tensor, target, index));
  if (chat === undefined || base === undefined || chat === null || base === null) return null;
  const pieces = [...chat, ...base];
  if (pieces.every((piece) => piece.isWhole) || pieces.some((piece) => !isFloat(piece.tensor.dtype))) return null;
  const contributions = meetingPieces(chat, base).map((meeting): Contribution => {
    const run = {
      target: meeting.target,
      chat: meeting.chat.elementOffset + meeting.target - meeting.chat.target,
      base: meeting.base.elementOffset + meeting.target - meeting.base.target,
      elementCount: meeting.elementCount,
    };
    return { vector, scale, chat: meeting.chat.tensor, base: meeting.base.tensor, runs: [run] };
  });
  const others = [...new Set(pieces.map((piece) => piece.tensor.name))].filter((name) => name !== tensor.name);
  return { contributions, obstacle: { vector, code: "layout-matched", reason: others.join(", ") } };
}

type Piece = TensorPiece & { readonly isWhole?: boolean };

function piecesOf(tensor: TensorEntry, target: TensorIndex, other: TensorIndex): readonly Piece[] | null {
  const whole = other.find(tensor.name);
  if (whole === null) return projectionPieces(tensor, target, other);
  if (!sameShape(whole.shape, tensor.shape)) return null;
  return [{ tensor: whole, elementOffset: 0, target: 0, elementCount: elementCount(tensor.shape), isWhole: true }];
}

/** Several tensors that differ in their prefix alone, of which none has the very name: choosing one would be a guess. */
function ambiguityOf(
  { name }: TensorEntry,
  vector: number,
  target: TensorIndex,
  { chat, base }: AlignedVector,
): Obstacle | null {
  for (const [role, index] of [
    ["chat", chat],
    ["base", base],
  ] as const) {
    if (index.hasExactly(name)) continue;
    const found = index.alike(name);
    if (found.length === 0) continue;
    const names = found.length > 1 ? found : target.alike(name);
    if (names.length < 2) continue;
    const actual = `${names.join(" and ")} in ${found.length > 1 ? role : "the target"}`;
    return { vector, code: "name-ambiguous", reason: "several tensors could be meant", expected: "one tensor", actual };
  }
  return null;
}

function missing(
  { name }: TensorEntry,
  vector: number,
  aligned: AlignedVector,
  chat: TensorEntry | null,
  base: TensorEntry | null,
): Obstacle {
  for (const [role, index, found] of [
    ["chat", aligned.chat, chat],
    ["base", aligned.base, base],
  ] as const) {
    const layout = found === null ? index.otherLayout(name) : null;
    if (layout === null) continue;
    const reason = `stored differently in ${role}`;
    return { vector, code: "layout-differs", reason, expected: layout.expected, actual: layout.actual };
  }
  const part = modalityPart(name);
  if (part !== null) return { vector, code: "modality-kept", reason: `${part} is kept` };
  if (chat === null && base === null) return { vector, code: "tensor-only-in-target", reason: "only in the target" };
  if (chat === null) return { vector, code: "tensor-missing-in-chat", reason: "not in chat" };
  return { vector, code: "tensor-missing-in-base", reason: "not in base" };
}

function firstElements(count: number): CoveredRun[] {
  return count === 0 ? [] : [{ target: 0, chat: 0, base: 0, elementCount: count }];
}

/** Of one width: only the number of tokens may differ. */
function differInRowsAlone({ target, chat, base }: Roles<TensorEntry>): boolean {
  if (target.shape.length === 0) return false;
  const rowShape = target.shape.slice(1);
  return [chat, base].every(({ shape }) => shape.length === target.shape.length && sameShape(rowShape, shape.slice(1)));
}

function rowCount({ shape }: TensorEntry): number {
  return shape[0] ?? 0;
}

function shapesOf({ target, chat, base }: Roles<TensorEntry>): Pick<Obstacle, "expected" | "actual"> {
  return {
    expected: shapeText(target.shape),
    actual: `chat ${shapeText(chat.shape)}, base ${shapeText(base.shape)}`,
  };
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((dimension, index) => dimension === b[index]);
}

function shapeText(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

function describeZero({ because }: TensorScale): string {
  return because.kind === "rule" ? `λ 0 by rule ${because.pattern}` : "λ 0";
}
