import type { Dtype, Float8Dtype, ScaleDtype } from "../checkpoint/dtype.ts";
import type { Recipe } from "../recipe/recipe.ts";
import type { PlacedChatToken } from "../vocabulary/plan-chat-tokens.ts";
import type { ElementRun, StridedView } from "./element-runs.ts";
import type { Problem } from "./problem.ts";
import type { PlannedSideFiles } from "./side-files.ts";

/** Frozen, serialisable list of what happens to every tensor. Made from headers alone; the execution obeys it. */
export interface MergePlan {
  readonly recipe: Recipe;
  /** The checkpoints read, each once: 0 is the target. */
  readonly sources: readonly PlanSource[];
  readonly tensors: readonly PlannedTensor[];
  readonly output: OutputLayout;
  readonly problems: readonly Problem[];
  /** Tokens of the chat model that the output has, by row. */
  readonly chatTokens: readonly PlacedChatToken[];
  /** What travels with the weights. */
  readonly sideFiles: PlannedSideFiles;
}

export interface PlanSource {
  /** As the recipe names it. */
  readonly checkpoint: string;
  readonly files: readonly { readonly name: string; readonly byteLength: number }[];
}

/** Where a tensor's elements lie. */
export interface TensorLocation {
  /** Index into the plan's sources. */
  readonly source: number;
  /** Index into that source's files. */
  readonly file: number;
  readonly dtype: Dtype;
  /** From the start of the file: of the tensor's first element. */
  readonly byteOffset: number;
  /** For a tensor whose elements do not lie one after another in the file. */
  readonly view?: StridedView;
  /** For FP8: what lies in the file. `dtype` is then the F32 that it is decoded to. */
  readonly encoded?: EncodedElements;
}

/** One byte an element, from the location's byteOffset on: value = element × scale, rounded to f32. */
export interface EncodedElements {
  readonly dtype: Float8Dtype;
  readonly shape: readonly number[];
  readonly scales: ScaleGrid | null;
}

/** Where a tensor's scales lie, in the same source. */
export interface ScaleGrid {
  readonly file: number;
  readonly dtype: ScaleDtype;
  readonly byteOffset: number;
  /** Elements along each dimension that share a scale. */
  readonly block: readonly number[];
  /** Scales along each dimension. */
  readonly counts: readonly number[];
}

export interface PlannedTensor {
  /** The target's name, which the output keeps. */
  readonly name: string;
  /** Of the output: the target's, with more rows where the chat model's tokens need them. */
  readonly shape: readonly number[];
  readonly elementCount: number;
  /** Of these elements in the target's dtype. */
  readonly byteLength: number;
  /** Depth, from 0; null for tensors outside the layers. */
  readonly layer: number | null;
  readonly action: "merge" | "copy";
  /** Why, in words: "λ 0.80", "only in the target", "int64 is copied". */
  readonly reason: string;
  readonly target: TensorLocation;
  /** Consecutive spans that cover the tensor's elements once, in order. */
  readonly spans: readonly PlannedSpan[];
  readonly output: {
    readonly file: number;
    readonly dtype: Dtype;
    readonly byteOffset: number;
    readonly byteLength: number;
  };
}

/** A run of elements with one treatment. Without vectors the target's elements are kept, or another tensor's taken. */
export interface PlannedSpan {
  readonly elementOffset: number;
  readonly elementCount: number;
  readonly vectors: readonly PlannedVector[];
  /** Elements that stand in the target's place, one after another: the chat model's rows. There are no vectors then. */
  readonly from?: { readonly location: TensorLocation; readonly elementOffset: number };
}

/** Where a span's elements lie before anything is added to them: the target's, or what is taken in their place. */
export function originOf(
  target: TensorLocation,
  { elementOffset, from }: Pick<PlannedSpan, "elementOffset" | "from">,
): { readonly location: TensorLocation; readonly elementOffset: number } {
  return from ?? { location: target, elementOffset };
}

export interface PlannedVector {
  /** Index into the recipe's vectors. */
  readonly vector: number;
  /** λ, an f32 and not 0. */
  readonly scale: number;
  readonly chat: TensorLocation;
  readonly base: TensorLocation;
  /** Which elements of chat and base meet the span's, in order: together as many as the span has. */
  readonly runs: readonly ElementRun[];
}

export interface OutputLayout {
  readonly files: readonly OutputFile[];
  /** model.safetensors.index.json's text; null for a single file. */
  readonly indexJson: string | null;
  readonly byteLength: number;
}

export interface OutputFile {
  readonly name: string;
  /** The header's JSON, padded: what stands between the length and the data. */
  readonly headerJson: string;
  readonly byteLength: number;
}
