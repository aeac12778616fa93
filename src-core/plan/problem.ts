/**
 * Something about the models that the user must know or decide; never a skipped log line.
 * `error`: nothing can be written. `decision`: nothing is written until the user chooses. `notice`: said, and listed.
 */
export interface Problem {
  readonly code: ProblemCode;
  readonly severity: "error" | "decision" | "notice";
  /** One sentence for a person. */
  readonly message: string;
  /** Names of the tensors it is about, where it is about tensors. */
  readonly tensors?: readonly string[];
  readonly expected?: string;
  readonly actual?: string;
  /** The ways out, when there are any. */
  readonly choices?: readonly ProblemChoice[];
}

export interface ProblemChoice {
  readonly id: string;
  readonly label: string;
  /** What is chosen when the user says nothing, or said so. */
  readonly selected: boolean;
}

/** An error, or a decision that has not been taken: nothing is written while it stands. */
export function isBlocking({ severity, choices }: Problem): boolean {
  if (severity === "notice") return false;
  return severity === "error" || choices?.some(({ selected }) => selected) !== true;
}

/** What cannot be added as it is, outside the vocabulary: the recipe's `onMismatch` decides over all of these. */
export function isMismatch(code: ProblemCode): boolean {
  return code === "shape-differs" || code === "layout-differs" || code === "name-ambiguous";
}

export type ProblemCode =
  | "architecture-differs"
  | "hidden-size-differs"
  | "layer-count-differs"
  | "tensor-only-in-target"
  | "tensor-missing-in-chat"
  | "tensor-missing-in-base"
  | "tensor-missing-in-target"
  | "modality-kept"
  | "modality-left-out"
  | "name-ambiguous"
  | "layout-differs"
  | "layout-matched"
  | "quantized-packed"
  | "adapter"
  | "scales-unreadable"
  | "float8-widened"
  | "tied-head"
  | "vocabulary-differs"
  | "vocabulary-padding"
  | "vocabulary-unknown"
  | "chat-tokens"
  | "chat-token-refused"
  | "tokenizer-differs"
  | "template-tokens-missing"
  | "generation-rows-missing"
  | "side-file-left-out"
  | "shape-differs"
  | "dtype-copied"
  | "nothing-to-merge"
  | "vector-empty"
  | "output-same-slow-disk"
  | "output-non-finite";
