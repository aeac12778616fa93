import type { ProblemCode } from "../../../src-core/plan/problem.ts";
import type { WordId } from "./glossary.ts";

/** What has to be understood before a problem can be decided. */
export const problemWords: Partial<Readonly<Record<ProblemCode, readonly WordId[]>>> = {
  "architecture-differs": ["base", "layer"],
  "hidden-size-differs": ["base", "tensor"],
  "layer-count-differs": ["base", "layer"],
  "tensor-only-in-target": ["tensor", "plan"],
  "tensor-missing-in-target": ["tensor", "output-head", "tied-embeddings"],
  "tied-head": ["tied-embeddings", "output-head"],
  "vocabulary-differs": ["vocabulary", "vocabulary-policy"],
  "vocabulary-padding": ["vocabulary"],
  "vocabulary-unknown": ["vocabulary", "vocabulary-policy"],
  "tokenizer-differs": ["vocabulary", "vocabulary-policy"],
  "template-tokens-missing": ["chat-template", "vocabulary"],
  "shape-differs": ["tensor", "base"],
  "vector-empty": ["chat", "base"],
  "dtype-copied": ["dtype"],
  "float8-widened": ["dtype"],
};
