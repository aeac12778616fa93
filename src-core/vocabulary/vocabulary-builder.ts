import { quoteName } from "../checkpoint/quote.ts";
import { maximumEmptyRowCount, maximumTokenCount, maximumTokenLength } from "../limits.ts";
import { kindByName } from "./token-kinds.ts";
import { tokenizerError } from "./tokenizer-error.ts";
import {
  type AddedToken,
  noSettings,
  type Spelling,
  specialRoles,
  type TokenizerSettings,
  type TokenKind,
  type Vocabulary,
} from "./vocabulary.ts";

/** Gathers a vocabulary from a model's files, in any order of rows, and checks every row and token that comes in. */
export class VocabularyBuilder {
  readonly file: string;
  /** Null until a file shows it: then the tokens themselves decide. */
  spelling: Spelling | null = null;
  /** False where the tokenizer says that <0x0A> is no byte. */
  hasByteTokens = true;
  settings: TokenizerSettings = noSettings;
  readonly #where: string;
  /** Sparse where a file leaves rows out, so that one high row takes no memory. */
  readonly #tokens: (string | undefined)[] = [];
  #tokenCount = 0;
  readonly #kinds = new Map<number, TokenKind>();
  readonly #added = new Map<number, AddedToken>();

  /** `file` is the name of the file that has the tokens, `where` its path for messages. */
  constructor(file: string, where: string) {
    this.file = file;
    this.#where = where;
  }

  /** A token of the tokenizer's own vocabulary. `kind` is what the file says of it, if it does. */
  put(row: number, token: string, kind?: TokenKind): void {
    this.#check(row, token, this.#where);
    const other = this.#tokens[row];
    if (other !== undefined && other !== token) {
      throw tokenizerError(this.#where, `one token at row ${row}`, `${quoteName(other)} and ${quoteName(token)}`);
    }
    if (other === undefined) this.#tokenCount++;
    this.#tokens[row] = token;
    if (kind !== undefined) this.#kinds.set(row, kind);
  }

  /** An added token, which takes the place of what is at its row. `where` names the file that adds it. */
  add(row: number, token: AddedToken, where: string): void {
    this.#check(row, token.content, where);
    const other = this.#added.get(row);
    const special = token.special || (other?.content === token.content && other.special);
    if (this.#tokens[row] === undefined) this.#tokenCount++;
    this.#tokens[row] = token.content;
    this.#added.set(row, special === token.special ? token : { ...token, special });
  }

  /**
   * The same, but nothing that is there gives way: a row's own token takes over the flags alone, and a token that has a row
   * already gets no second one.
   */
  addIfFree(row: number, token: AddedToken, where: string): void {
    const present = this.#tokens[row];
    if (present === token.content) this.add(row, token, where);
    else if (present === undefined && !this.#tokens.includes(token.content)) this.add(row, token, where);
  }

  /** What has come in so far, by row. */
  get tokens(): readonly (string | undefined)[] {
    return this.#tokens;
  }

  build(): Vocabulary {
    const { length } = this.#tokens;
    const tokenCount = this.#tokenCount;
    if (tokenCount === 0) throw tokenizerError(this.#where, "at least one token", "none");
    if (length - tokenCount > maximumEmptyRowCount) {
      const actual = `a token at row ${length - 1}, and ${length - tokenCount} rows without one`;
      throw tokenizerError(this.#where, `at most ${maximumEmptyRowCount} rows without a token`, actual);
    }
    const tokens = Array.from(this.#tokens);
    const spelling = this.spelling ?? spellingByTokens(tokens);
    const kinds = this.#kindsOf(tokens, spelling);
    return {
      tokens,
      kinds,
      tokenCount,
      spelling,
      added: this.#added,
      settings: this.settings,
      file: this.file,
    };
  }

  /** A name that keeps a token free says more than a flag (Llama 3 flags its reserved tokens as special); a role says most. */
  #kindsOf(tokens: readonly (string | undefined)[], spelling: Spelling): (TokenKind | undefined)[] {
    const roles = new Set(specialRoles.map((role) => this.settings[role]));
    const specials = new Set(this.settings.otherSpecials);
    return tokens.map((token, row) => {
      if (token === undefined) return undefined;
      const byName = kindByName(token, spelling, this.hasByteTokens);
      const added = this.#added.get(row);
      const kind = this.#kinds.get(row) ?? (byName === "byte" && added !== undefined ? "normal" : byName);
      if (roles.has(token)) return "special";
      if (kind === "special" && byName === "unused") return "unused";
      return kind === "normal" && (added?.special === true || specials.has(token)) ? "special" : kind;
    });
  }

  #check(row: number, token: string, where: string): void {
    if (!Number.isInteger(row) || row < 0 || row >= maximumTokenCount) {
      throw tokenizerError(where, `rows from 0 to ${maximumTokenCount - 1}`, `${quoteName(token)} at ${row}`);
    }
    if (token.length > maximumTokenLength) {
      throw tokenizerError(where, `tokens of at most ${maximumTokenLength} characters`, `${token.length} at ${row}`);
    }
  }
}

/** For files that do not say: which sign for a space, or for a word's continuation, most tokens show. */
function spellingByTokens(tokens: readonly (string | undefined)[]): Spelling {
  const counts = { "byte-level": 0, sentencepiece: 0, wordpiece: 0 };
  for (const token of tokens) {
    if (token === undefined) continue;
    if (token.startsWith("Ġ")) counts["byte-level"]++;
    else if (token.startsWith("▁")) counts.sentencepiece++;
    else if (token.startsWith("##") && token.length > 2 && token !== "###") counts.wordpiece++;
  }
  const most = Math.max(...Object.values(counts));
  if (most === 0) return "plain";
  return (Object.keys(counts) as (keyof typeof counts)[]).find((spelling) => counts[spelling] === most) ?? "plain";
}
