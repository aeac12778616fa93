import { type Document, isScalar, isSeq, visit } from "yaml";
import type { FileEdit, Plain } from "./file-edits.ts";

interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The text with the edits made in place, character by character; null where an edit is more than a value for another, or where
 * a value is shared through an anchor.
 */
export function spliceEdits(text: string, document: Document.Parsed, edits: readonly FileEdit[]): string | null {
  if (hasAnchors(document)) return null;
  const splices: Splice[] = [];
  for (const edit of edits) {
    const splice = edit.kind === "set" ? spliceOf(text, document.getIn(edit.path, true), edit.value) : null;
    if (splice === null) return null;
    splices.push(splice);
  }
  splices.sort((a, b) => b.start - a.start);
  return splices.reduce((sum, { start, end, text: piece }) => sum.slice(0, start) + piece + sum.slice(end), text);
}

function hasAnchors(document: Document.Parsed): boolean {
  let found = false;
  visit(document, {
    Node(_, node) {
      if ("anchor" in node && node.anchor !== undefined) found = true;
      return found ? visit.BREAK : undefined;
    },
  });
  return found;
}

function spliceOf(text: string, node: unknown, value: Plain): Splice | null {
  if (isSeq(node) && node.flow === true && node.range != null && isNumbers(value)) {
    const [start, end] = node.range;
    // A comment inside would be lost.
    return text.slice(start, end).includes("#") ? null : { start, end, text: `[${value.join(", ")}]` };
  }
  if (!isScalar(node) || node.range == null || typeof value === "object") return null;
  const [start, end] = node.range;
  if (start === end || node.type === "BLOCK_LITERAL" || node.type === "BLOCK_FOLDED") return null;
  const piece = typeof value === "number" ? numberText(value) : wordText(value, node.type ?? "PLAIN");
  return { start, end, text: piece };
}

function isNumbers(value: Plain): value is readonly number[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "number");
}

function numberText(value: number): string {
  return Object.is(value, -0) ? "0" : String(value);
}

/** In the quotes that the old text had, where they can hold the new one. */
function wordText(value: string, style: string): string {
  const hasControls = /[\p{Cc}\u2028\u2029\ud800-\udfff]/u.test(value);
  if (style === "QUOTE_SINGLE" && !hasControls) return `'${value.replaceAll("'", "''")}'`;
  return style === "PLAIN" && isPlainWord(value) ? value : JSON.stringify(value);
}

/** Whether every reader of YAML, of 1.1 too, takes the bare word for text, in brackets or out of them: a path, a name, "5GB". */
function isPlainWord(value: string): boolean {
  if (/^\d+[KMGT]i?B$/.test(value)) return true;
  if (/^(true|false|null|yes|no|on|off|y|n)$/i.test(value)) return false;
  return /^(\.{0,2}\/|[\p{L}_])[\p{L}\p{N}./_@+-]*$/u.test(value);
}
