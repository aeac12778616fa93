import { StudioError } from "../errors.ts";
import { maximumTokenCount } from "../limits.ts";

/** A model's tokens by row: `tokens[row]` is the string that the tokenizer has there, undefined where it has none. */
export interface Vocabulary {
  readonly tokens: readonly (string | undefined)[];
}

/**
 * Reads the vocabulary of a tokenizer.json: BPE, WordPiece and WordLevel (an object), Unigram (a list), and the added tokens, which
 * win. `where` names the file in messages. Throws a StudioError `config-invalid`.
 * Source: Hugging Face tokenizers, serialisation of Model and AddedVocabulary.
 */
export function parseTokenizerJson(text: string, where: string): Vocabulary {
  const root = parseObject(text, where);
  const model = isObject(root.model) ? root.model : {};
  const tokens: (string | undefined)[] = [];
  const put = (token: unknown, row: unknown) => {
    if (typeof token !== "string" || typeof row !== "number" || !Number.isInteger(row) || row < 0) {
      throw invalid(where, "tokens with whole numbers from 0", `${String(token).slice(0, 40)}: ${String(row)}`);
    }
    if (row >= maximumTokenCount) throw invalid(where, `rows below ${maximumTokenCount}`, String(row));
    tokens[row] = token;
  };
  const { vocab } = model;
  if (Array.isArray(vocab)) {
    for (const [row, piece] of vocab.entries()) put(Array.isArray(piece) ? piece[0] : piece, row);
  } else if (isObject(vocab)) for (const [token, row] of Object.entries(vocab)) put(token, row);
  else throw invalid(where, "model.vocab, an object or a list", typeof vocab);
  if (Array.isArray(root.added_tokens)) {
    for (const added of root.added_tokens) if (isObject(added)) put(added.content, added.id);
  }
  return { tokens };
}

function parseObject(text: string, where: string): Record<string, unknown> {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch (error) {
    throw invalid(where, "JSON", error instanceof Error ? error.message : String(error));
  }
  if (!isObject(root)) throw invalid(where, "a JSON object", Array.isArray(root) ? "a list" : typeof root);
  return root;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function invalid(where: string, expected: string, actual: string): StudioError {
  return new StudioError({ code: "config-invalid", what: "The tokenizer cannot be read", where, expected, actual });
}
