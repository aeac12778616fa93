import { fstatSync, writeSync } from "node:fs";
import { isatty } from "node:tty";
import { shownText } from "../../src-core/checkpoint/quote.ts";
import { describeFailure, type Failure } from "../../src-core/errors.ts";
import { terminalText } from "./terminal-text.ts";

/** The installed launcher filters what Chromium and graphics drivers remark on stderr, and has what we say pass beside them. */
const besideDescriptor = 9;
const errorDescriptor =
  process.env.CHAT_VECTOR_STDERR === String(besideDescriptor) && isOpen(besideDescriptor) ? besideDescriptor : 2;

/** What is drawn there may be drawn over. */
export function isErrorTerminal(): boolean {
  return isatty(errorDescriptor);
}

/** As it is: where a line begins and ends is the caller's. */
export function drawError(text: string): void {
  writeWhole(errorDescriptor, text);
}

/** Writes the command's result, whole, before the program may end. */
export function printResult(text: string): void {
  const shown = terminalText(text);
  writeWhole(1, shown.endsWith("\n") ? shown : `${shown}\n`);
}

/** `error: <code>: <what, where, expected, actual>` on stderr; under --json the same as an object on stdout. */
export function printError(
  failure: Failure,
  { json, stack }: { readonly json: boolean; readonly stack?: string },
): void {
  const message = describeFailure(failure);
  writeWhole(errorDescriptor, `error: ${failure.code}: ${shownText(message)}\n`);
  if (stack !== undefined) writeWhole(errorDescriptor, `${terminalText(stack)}\n`);
  if (json) printResult(JSON.stringify({ error: { ...failure, message } }));
}

export function printNotice(text: string): void {
  writeWhole(errorDescriptor, `${terminalText(text)}\n`);
}

function isOpen(descriptor: number): boolean {
  try {
    fstatSync(descriptor);
    return true;
  } catch {
    return false;
  }
}

/** A pipe whose reader is slow answers EAGAIN; a reader that left (`| head`) ends the matter. */
function writeWhole(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  let done = 0;
  while (done < bytes.byteLength) {
    try {
      done += writeSync(descriptor, bytes, done);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : "";
      if (code === "EAGAIN") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      else if (code === "EPIPE") return;
      else throw error;
    }
  }
}
