import { shownText } from "./checkpoint/quote.ts";

/**
 * Everything that can go wrong for reasons outside the program, by code. The number is the command line's exit code
 * for it: 2 wrong usage, 3 a checkpoint cannot be read, 4 the models do not fit or a decision is needed,
 * 5 the output cannot be written, 6 no compute device or it failed, 130 interrupted.
 */
export const exitCodes = {
  usage: 2,
  "recipe-not-found": 2,
  "recipe-invalid": 2,
  "recipe-inexpressible": 2,

  "checkpoint-not-found": 3,
  "checkpoint-permission": 3,
  "checkpoint-empty": 3,
  "checkpoint-unsupported": 3,
  "checkpoint-changed": 3,
  "read-failed": 3,
  "not-safetensors": 3,
  "header-too-long": 3,
  "header-truncated": 3,
  "header-json": 3,
  "header-entry": 3,
  "header-limit": 3,
  "tensor-duplicate": 3,
  "tensor-offsets": 3,
  "tensor-size": 3,
  "dtype-unknown": 3,
  "file-truncated": 3,
  "not-pytorch": 3,
  "zip-invalid": 3,
  "pickle-invalid": 3,
  "pickle-refused": 3,
  "pickle-limit": 3,
  "state-dict-missing": 3,
  "state-dict-ambiguous": 3,
  "lfs-pointer": 3,
  "index-invalid": 3,
  "shard-missing": 3,
  "shard-outside": 3,
  "shard-tensor-missing": 3,
  "config-invalid": 3,
  "tokenizer-invalid": 3,

  "models-differ": 4,
  "shape-mismatch": 4,
  "decision-needed": 4,
  "nothing-to-merge": 4,
  "resume-refused": 4,

  "output-exists": 5,
  "output-overlaps-input": 5,
  "output-permission": 5,
  "output-space": 5,
  "output-invalid": 5,
  "parts-missing": 5,
  "write-failed": 5,
  "verification-failed": 5,

  "device-missing": 6,
  "device-lost": 6,
  "device-failed": 6,

  interrupted: 130,
} as const satisfies Record<string, number>;

export type ErrorCode = keyof typeof exitCodes;

/** What a person is told. Plain data: it crosses processes as it is. */
export interface Failure {
  readonly code: ErrorCode;
  /** What went wrong, as a sentence without its end. */
  readonly what: string;
  /** The file, tensor or field it is about. */
  readonly where?: string;
  readonly expected?: string;
  readonly actual?: string;
  /** What to do now. */
  readonly advice?: string;
}

/** A failure that a user can cause. A bug throws anything else. */
export class StudioError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure, options?: { cause?: unknown }) {
    const shown = shownFailure(failure);
    super(describeFailure(shown), options);
    this.name = "StudioError";
    this.failure = shown;
  }
}

/** Names and paths of files are in it: none may steer a terminal or turn a line around. */
function shownFailure({ code, ...texts }: Failure): Failure {
  const shown = Object.entries(texts).map(([key, text]) => [key, text === undefined ? text : shownText(text)]);
  return { code, ...(Object.fromEntries(shown) as Omit<Failure, "code">) };
}

/** One line: what, where, expected, actual, advice. */
export function describeFailure({ what, where, expected, actual, advice }: Failure): string {
  let line = what;
  if (where !== undefined) line += `: ${where}`;
  if (expected !== undefined) line += `; expected ${expected}`;
  if (actual !== undefined) line += `${expected === undefined ? ";" : ","} actual ${actual}`;
  if (advice !== undefined) line += `. ${advice}`;
  return line;
}

/** The failure to tell for anything thrown; `otherwise` is the code for what is not a StudioError. */
export function failureOf(error: unknown, otherwise: ErrorCode): Failure {
  if (error instanceof StudioError) return error.failure;
  return { code: otherwise, what: error instanceof Error ? error.message : String(error) };
}
