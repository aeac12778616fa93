import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FuzzDocument } from "./document.ts";
import type { FuzzName } from "./fuzz-cases.ts";

/** A document that once made a parser fail, with what the parser has to make of it. */
export interface CorpusCase {
  readonly title: string;
  /** What was wrong. */
  readonly about: string;
  readonly document: FuzzDocument;
  readonly outcome: string;
}

const corpusFolder = fileURLToPath(new URL("./corpus", import.meta.url));
const foundFolder = join(process.cwd(), "test-results", "fuzz");

/** What is kept for a parser: `corpus/<parser>/<title>.json`. */
export function readCorpus(name: FuzzName): CorpusCase[] {
  const folder = join(corpusFolder, name);
  return listOf(folder).map((file) => {
    const { about, outcome, files } = JSON.parse(readFileSync(join(folder, file), "utf8"));
    return { title: file.replace(/\.json$/, ""), about, outcome, document: fromStored(files) };
  });
}

/** Leaves a failing document where a person finds it, in the corpus's form, and returns the path. */
export function keepFound(name: FuzzName, seed: number, about: string, document: FuzzDocument): string {
  mkdirSync(foundFolder, { recursive: true });
  const path = join(foundFolder, `${name}-${seed}.json`);
  const files = Object.fromEntries(Object.entries(document).map(([file, bytes]) => [file, toStored(bytes)]));
  writeFileSync(path, `${JSON.stringify({ about, outcome: "what must come of it", files }, null, 2)}\n`);
  return path;
}

/** Text where a document is text, so that it can be read; else base64. */
function toStored(bytes: Uint8Array): { text: string } | { base64: string } {
  const text = Buffer.from(bytes).toString("utf8");
  return Buffer.from(text, "utf8").equals(bytes) ? { text } : { base64: Buffer.from(bytes).toString("base64") };
}

function fromStored(files: Record<string, { text?: string; base64?: string }>): FuzzDocument {
  const entries = Object.entries(files).map(([name, { text, base64 }]) => {
    const bytes = text === undefined ? Buffer.from(base64 ?? "", "base64") : Buffer.from(text, "utf8");
    return [name, Uint8Array.from(bytes)];
  });
  return Object.fromEntries(entries);
}

function listOf(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}
