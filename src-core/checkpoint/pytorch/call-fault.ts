import type { ErrorCode } from "../../errors.ts";

/** Arguments that a known function, or a storage's id, cannot have. Whoever asked says where in the file. */
export class CallFault extends Error {
  readonly code: ErrorCode;
  readonly expected: string;
  readonly actual: string;
  readonly advice: string | undefined;

  constructor(code: ErrorCode, expected: string, actual: string, advice?: string) {
    super(`expected ${expected}, actual ${actual}`);
    this.code = code;
    this.expected = expected;
    this.actual = actual;
    this.advice = advice;
  }
}
