import { encodeUtf8 } from "../checkpoint/utf8.ts";
import { Random } from "../random.ts";
import { spellText } from "../vocabulary/byte-level.ts";
import type { Roles } from "../vocabulary/match-rows.ts";
import { sentencePieceBytes, tokenizerJsonText } from "./tokenizer-files.ts";

export interface RandomCase {
  /** What it is made of, for messages. */
  readonly name: string;
  readonly files: Roles<Readonly<Record<string, string | Uint8Array>>>;
  readonly rows: Roles<number>;
}

const layouts = ["bpe", "unigram", "model", "byte-level", "vocab.json", "wordpiece", "vocab.txt", "wordlevel"] as const;
type Layout = (typeof layouts)[number];

/** A token before it is spelled. */
type Meaning =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "byte"; readonly byte: number }
  | { readonly kind: "control"; readonly name: string };

const words = [
  "the",
  "a",
  "A",
  "é",
  "ing",
  "안녕",
  "세계",
  "日本",
  "😀",
  "\n",
  "naïve",
  "10",
  "2",
  "_",
  "##",
  "<0x41>",
  "Ġ",
  "##ing",
];
const controls = [
  "<s>",
  "</s>",
  "<unk>",
  "<|im_start|>",
  "<|im_end|>",
  "<unused0>",
  "<unused1>",
  "[unused3]",
  "<|reserved_special_token_4|>",
];

const meanings: Meaning[] = [
  ...words.flatMap((text): Meaning[] => [
    { kind: "text", text },
    { kind: "text", text: ` ${text}` },
  ]),
  { kind: "text", text: " " },
  { kind: "text", text: "  " },
  ...[0x0a, 0x41, 0x09, 0xc3, 0xa9, 0xe9, 0xed, 0xff].map((byte): Meaning => ({ kind: "byte", byte })),
  ...controls.map((name): Meaning => ({ kind: "control", name })),
];

/** Three models whose vocabularies have some tokens in common, at other rows, in files of the same kind or of different ones. */
export function randomCase(seed: number): RandomCase {
  const random = new Random(seed);
  const own = layouts[random.integer(layouts.length)] as Layout;
  const layoutOf = () => (random.integer(3) > 0 ? own : (layouts[random.integer(layouts.length)] as Layout));
  const role = () => {
    const layout = layoutOf();
    const made = madeFiles(layout, random);
    return { layout, ...made };
  };
  const [target, chat, base] = [role(), role(), role()];
  return {
    name: `seed ${seed}: target ${target.layout}, chat ${chat.layout}, base ${base.layout}`,
    files: { target: target.files, chat: chat.files, base: base.files },
    rows: { target: target.rows, chat: chat.rows, base: base.rows },
  };
}

function madeFiles(layout: Layout, random: Random): { files: Record<string, string | Uint8Array>; rows: number } {
  const chosen = shuffled(meanings, random).slice(0, 4 + random.integer(meanings.length - 4));
  const tokens: (string | undefined)[] = [];
  for (const meaning of chosen) {
    const token = spelled(meaning, layout);
    if (token === null || tokens.includes(token)) continue;
    // Rows that no token has: files of lines and pieces have none.
    if (random.integer(12) === 0 && hasHoles(layout)) tokens.push(undefined);
    tokens.push(token);
    if (random.integer(10) === 0 && hasTwins(layout)) tokens.push(token);
  }
  if (!tokens.some((token) => token !== undefined)) tokens.push("fallback");
  const added = addedTokens(tokens, random);
  const highest = Math.max(tokens.length, ...added.map(([row]) => row + 1));
  // Padding, none, or fewer rows than tokens.
  const rows = Math.max(1, highest + random.integer(8) - 2);
  return { files: filesOf(layout, tokens, added, random), rows };
}

/** Some at rows of their own, some in place of a token, some that repeat a token. */
function addedTokens(
  tokens: readonly (string | undefined)[],
  random: Random,
): (readonly [row: number, content: string])[] {
  const pool = shuffled([...controls, "안녕", "é", "<tool>", " spaced", tokens.find((token) => token) ?? "x"], random);
  let next = tokens.length + random.integer(3);
  return pool.slice(0, random.integer(6)).map((content) => {
    const inPlace = random.integer(4) === 0 ? tokens.indexOf(content) : -1;
    return [inPlace >= 0 ? inPlace : next++, content] as const;
  });
}

function spelled(meaning: Meaning, layout: Layout): string | null {
  if (meaning.kind === "control") return meaning.name;
  const isSentencePiece = layout === "bpe" || layout === "unigram" || layout === "model";
  if (meaning.kind === "byte") {
    const { byte } = meaning;
    if (isSentencePiece) return `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
    // A byte that is no character by itself; the others are text.
    return isByteLevel(layout) && byte >= 0x80 ? latin(byte) : null;
  }
  if (isSentencePiece) return meaning.text.replaceAll(" ", "▁");
  if (isByteLevel(layout)) return spellText(meaning.text);
  const trimmed = meaning.text.trim();
  if (trimmed === "") return null;
  return layout === "wordlevel" ? trimmed : meaning.text.startsWith(" ") ? trimmed : `##${trimmed}`;
}

/** Bytes from 0xAE on, and most before, stand for themselves in the byte-level alphabet. */
function latin(byte: number): string {
  return String.fromCharCode(byte);
}

const isByteLevel = (layout: Layout) => layout === "byte-level" || layout === "vocab.json";
const hasHoles = (layout: Layout) => !["unigram", "model", "vocab.txt"].includes(layout);
/** The same string twice: an object's keys cannot repeat. */
const hasTwins = (layout: Layout) => !hasHoles(layout);

function filesOf(
  layout: Layout,
  tokens: readonly (string | undefined)[],
  added: readonly (readonly [row: number, content: string])[],
  random: Random,
): Record<string, string | Uint8Array> {
  const plain = added.flatMap(([, content]) => (random.integer(2) === 0 ? [content] : []));
  const types = {
    bpe: "BPE",
    unigram: "Unigram",
    "byte-level": "BPE",
    wordpiece: "WordPiece",
    wordlevel: "WordLevel",
  } as const;
  const config = { "tokenizer_config.json": configText(added, plain) };
  switch (layout) {
    case "model":
      return { "tokenizer.model": modelBytes(tokens), ...config };
    case "vocab.json": {
      const entries = tokens.flatMap((token, row) => (token === undefined ? [] : [`${JSON.stringify(token)}: ${row}`]));
      return { "vocab.json": `{${entries.join(", ")}}`, "added_tokens.json": addedText(added), ...config };
    }
    case "vocab.txt":
      return { "vocab.txt": tokens.map((token) => `${token}\n`).join(""), "added_tokens.json": addedText(added) };
    default: {
      const spelling = { bpe: "sentencepiece", unigram: "sentencepiece", "byte-level": "byte-level" } as const;
      const known = layout === "wordpiece" ? "wordpiece" : layout === "wordlevel" ? "plain" : spelling[layout];
      const parts = { type: types[layout], tokens, added, plain, spelling: known } as const;
      return { "tokenizer.json": tokenizerJsonText(parts) };
    }
  }
}

function configText(added: readonly (readonly [row: number, content: string])[], plain: readonly string[]): string {
  const decoder = added.map(([row, content]) => [String(row), { content, special: !plain.includes(content) }]);
  return JSON.stringify({ added_tokens_decoder: Object.fromEntries(decoder), eos_token: "</s>" });
}

function addedText(added: readonly (readonly [row: number, content: string])[]): string {
  return JSON.stringify(Object.fromEntries(added.map(([row, content]) => [content, row])));
}

function modelBytes(tokens: readonly (string | undefined)[]): Uint8Array {
  const types = new Map([
    ["<unk>", 2],
    ["<s>", 3],
    ["</s>", 3],
    ["<unused1>", 5],
    ["<unused0>", 4],
  ]);
  const isByte = (text: string) => /^<0x(?!41)[0-9A-F]{2}>$/.test(text);
  return sentencePieceBytes(
    tokens.map((token = "") => ({ text: token, type: types.get(token) ?? (isByte(token) ? 6 : 1) })),
  );
}

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [result[i], result[j]] = [result[j] as Item, result[i] as Item];
  }
  return result;
}

/** Bytes of a file, whatever it was made as. */
export function fileBytes(contents: string | Uint8Array): Uint8Array {
  return typeof contents === "string" ? encodeUtf8(contents) : contents;
}
