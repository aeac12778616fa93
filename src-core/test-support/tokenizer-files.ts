import { encodeUtf8 } from "../checkpoint/utf8.ts";
import type { ModelFiles } from "../vocabulary/read-vocabulary.ts";

/** Token and row pairs, or tokens whose rows are their places; undefined leaves a row free. */
export type Tokens = readonly (string | undefined)[];

export interface TokenizerParts {
  readonly type?: "BPE" | "Unigram" | "WordPiece" | "WordLevel";
  readonly tokens: Tokens;
  /** [row, token], special unless `plain` has it. */
  readonly added?: readonly (readonly [row: number, content: string])[];
  readonly plain?: readonly string[];
  readonly spelling?: "byte-level" | "sentencepiece" | "wordpiece" | "plain";
  readonly merges?: readonly string[];
}

const decoders = {
  "byte-level": { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
  sentencepiece: {
    type: "Sequence",
    decoders: [{ type: "Replace", pattern: { String: "▁" }, content: " " }, { type: "ByteFallback" }, { type: "Fuse" }],
  },
  wordpiece: { type: "WordPiece", prefix: "##", cleanup: true },
  plain: null,
} as const;

/** tokenizer.json as the tokenizers library writes it. Tokens that are digits keep their rows: no object stands between. */
export function tokenizerJsonText(parts: TokenizerParts): string {
  const { type = "BPE", tokens, added = [], plain = [], spelling = "sentencepiece", merges = [] } = parts;
  const entries = tokens.flatMap((token, row) =>
    token === undefined ? [] : [`      ${JSON.stringify(token)}: ${row}`],
  );
  const pieces = tokens.map(
    (token, row) => `      [\n        ${JSON.stringify(token ?? "")},\n        ${-row}.5\n      ]`,
  );
  const vocabulary = type === "Unigram" ? `[\n${pieces.join(",\n")}\n    ]` : `{\n${entries.join(",\n")}\n    }`;
  const keys = {
    BPE: { dropout: null, unk_token: null, byte_fallback: spelling === "sentencepiece" },
    Unigram: { unk_id: 0 },
    WordPiece: { unk_token: "[UNK]", continuing_subword_prefix: "##", max_input_chars_per_word: 100 },
    WordLevel: { unk_token: "[UNK]" },
  }[type];
  const model = Object.entries({ type, ...keys }).map(
    ([key, value]) => `    ${JSON.stringify(key)}: ${JSON.stringify(value)}`,
  );
  model.push(`    "vocab": ${vocabulary}`);
  if (type === "BPE") model.push(`    "merges": ${JSON.stringify(merges)}`);
  const top = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: added.map(([id, content]) => ({ id, content, ...flags, special: !plain.includes(content) })),
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: decoders[spelling],
  };
  return `${JSON.stringify(top, null, 2).slice(0, -2)},\n  "model": {\n${model.join(",\n")}\n  }\n}`;
}

const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false };

/** 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte. */
export interface PieceParts {
  readonly text: string;
  readonly type?: number;
  readonly score?: number;
}

/** tokenizer.model as SentencePiece writes it: the pieces, then a trainer and a normaliser. */
export function sentencePieceBytes(pieces: readonly PieceParts[]): Uint8Array {
  const bytes: number[] = [];
  for (const { text, type, score = -1.5 } of pieces) {
    const scoreBytes = new Uint8Array(Float32Array.of(score).buffer);
    const piece = [...lengthPrefixed(1, encodeUtf8(text)), (2 << 3) | 5, ...scoreBytes];
    // SentencePiece leaves the default out.
    if (type !== undefined && type !== 1) piece.push(3 << 3, type);
    bytes.push(...lengthPrefixed(1, piece));
  }
  bytes.push(...lengthPrefixed(2, [(3 << 3) | 0, 2]), ...lengthPrefixed(3, lengthPrefixed(1, encodeUtf8("identity"))));
  return Uint8Array.from(bytes);
}

function lengthPrefixed(field: number, contents: ArrayLike<number>): number[] {
  const length: number[] = [];
  let rest = contents.length;
  for (; rest >= 128; rest = Math.floor(rest / 128)) length.push((rest % 128) | 0x80);
  return [(field << 3) | 2, ...length, rest, ...Array.from(contents)];
}

/** A model's small files in memory, at the path "/model". */
export function memoryFiles(files: Readonly<Record<string, string | Uint8Array>>): ModelFiles {
  return {
    path: "/model",
    list: async () => Object.keys(files),
    async read(name) {
      const contents = files[name];
      if (contents === undefined) throw new Error(`${name} was not listed`);
      return typeof contents === "string" ? encodeUtf8(contents) : contents;
    },
  };
}
