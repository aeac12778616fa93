import type { Failure } from "../errors.ts";
import { StudioError } from "../errors.ts";
import { type ModelFiles, readVocabulary } from "./read-vocabulary.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** What could be learned of a model's vocabulary: nothing where it has no tokenizer, or one that cannot be read. Plain data. */
export interface KnownVocabulary {
  readonly vocabulary: Vocabulary | null;
  /** Why it cannot be read; null where it can, or where there is none. */
  readonly failure: Failure | null;
}

/** Reads a model's vocabulary; a tokenizer that cannot be read is told of, and does not keep its weights from being merged. */
export async function knowVocabulary(files: ModelFiles): Promise<KnownVocabulary> {
  try {
    return { vocabulary: await readVocabulary(files), failure: null };
  } catch (error) {
    if (!(error instanceof StudioError)) throw error;
    return { vocabulary: null, failure: error.failure };
  }
}
