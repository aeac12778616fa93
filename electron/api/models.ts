import type { ModelKinship } from "../../src-core/kinship/model-kinship.ts";

export interface CheckpointSummary {
  readonly id: string;
  /** The folder's or file's name. */
  readonly name: string;
  readonly path: string;
  readonly architecture: string | null;
  readonly parameters: number;
  /** By share of the parameters, largest first. */
  readonly dtypes: readonly { readonly dtype: string; readonly parameters: number }[];
  readonly bytes: number;
  readonly vocabularySize: number | null;
  readonly layerCount: number | null;
  readonly hiddenSize: number | null;
  readonly fileCount: number;
  readonly tensorCount: number;
  /** What it is to other models. */
  readonly kinship: ModelKinship;
}

export interface RecentModel {
  readonly id: string;
  readonly name: string;
  readonly folder: string;
  /** It is no longer there. */
  readonly missing: boolean;
}

export interface ModelPlace {
  readonly id: string;
  readonly kind: "hugging-face" | "lm-studio" | "folder";
  readonly folder: string;
  /** The variable of the environment that says so; null where none does. */
  readonly saidBy: string | null;
}

export interface PlacedModels {
  /** False: nothing was ever put there. */
  readonly exists: boolean;
  /** By date, the latest first. */
  readonly models: readonly CachedModel[];
  /** There are more than are listed. */
  readonly truncated: boolean;
}

export interface CachedModel {
  readonly id: string;
  /** "org/name". */
  readonly name: string;
  /** The branch or tag, "main" usually, or the beginning of a hash; null where nothing was downloaded, or outside the Hugging Face cache. */
  readonly revision: string | null;
  /** Of the weights that would be read. */
  readonly bytes: number;
  /** When something was last put there: milliseconds since 1970. */
  readonly modifiedMs: number;
  /** Why it cannot be opened; null where nothing shows that it cannot. */
  readonly problem: string | null;
}

/** A base that another model names. */
export interface ModelOffer {
  readonly id: string;
  readonly name: string;
  readonly place: "cache" | "listed" | "beside";
  /** A sentence without its end. */
  readonly because: string;
}

export interface SampleTriple {
  readonly target: CheckpointSummary;
  readonly chat: CheckpointSummary;
  readonly base: CheckpointSummary;
}

export interface HandedModel {
  readonly id: string;
  readonly name: string;
}
