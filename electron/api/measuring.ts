import type { Failure } from "../../src-core/errors.ts";
import type { RecipeInput } from "../../src-core/recipe/recipe.ts";
import type { TensorStatistics } from "../../src-core/statistics/tensor-statistics.ts";
import type { WaitsFor } from "./exports.ts";

export interface MeasureRequest {
  /** Ids of opened checkpoints. */
  readonly target: string | null;
  readonly vectors: readonly { readonly name: string; readonly chat: string; readonly base: string }[];
  readonly vocabulary?: RecipeInput["vocabulary"];
}

export interface MeasureStart {
  readonly measure: MeasureState;
  /** Every tensor that is measured, in the target's order. */
  readonly rows: readonly MeasureRow[];
  /** What is known already. */
  readonly tensors: readonly TensorStatistics[];
}

export interface MeasureRow {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly elementCount: number;
  readonly layer: number | null;
  readonly module: string;
}

export interface MeasureState {
  readonly id: string;
  /** `paused`: something else has the engine; measuring goes on after it. */
  readonly phase: "measuring" | "paused" | "done" | "cancelled" | "failed";
  /** While it is paused. */
  readonly waitsFor: WaitsFor | null;
  readonly bytesRead: number;
  readonly bytesToRead: number;
  readonly bytesPerSecond: number | null;
  readonly secondsLeft: number | null;
  /** All of it was known from an earlier time; nothing was read. */
  readonly remembered: boolean;
  readonly failure: Failure | null;
}

export interface InspectRequest extends MeasureRequest {
  readonly tensor: string;
  /** Index of the vector whose τ is looked at. */
  readonly vector: number;
}

export interface TensorDetail {
  readonly tensor: string;
  /** ‖τ‖ of each row; at most 4,096 numbers: of more rows each is the norm of `rowsPerNorm` together. */
  readonly rowNorms: readonly number[];
  readonly rowsPerNorm: number;
  readonly rowCount: number;
  /** The rows that changed most, largest first; `token` for embeddings and heads whose vocabulary can be read. */
  readonly topRows: readonly { readonly row: number; readonly norm: number; readonly token: string | null }[];
  /** Values by magnitude and sign, of each model that has the tensor. */
  readonly values: readonly ValueHistogram[];
}

export interface ValueHistogram {
  readonly role: "target" | "chat" | "base";
  /** Bin i holds the values in [least + i·width, least + (i+1)·width). */
  readonly least: number;
  readonly width: number;
  readonly counts: readonly number[];
}

export interface PeekRequest {
  readonly checkpoint: string;
  readonly tensor: string;
  /** A tensor of more than two dimensions is shown as its first one by all others. */
  readonly row: number;
  readonly column: number;
  readonly rowCount: number;
  readonly columnCount: number;
}

export interface ValueWindow {
  readonly rowCount: number;
  readonly columnCount: number;
  /** Row by row; fewer than asked for at the tensor's edges. */
  readonly values: readonly (readonly number[])[];
}
