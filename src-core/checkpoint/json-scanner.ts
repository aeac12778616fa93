import { type ErrorCode, StudioError } from "../errors.ts";
import {
  asciiText,
  closeBrace,
  closeBracket,
  colon,
  comma,
  describeAt,
  isDigit,
  minus,
  numberEnd,
  openBrace,
  openBracket,
  quote,
  type StringSpan,
  scanString,
  startsValue,
  whiteSpaceEnd,
} from "./json-bytes.ts";
import { withoutPythonNumbers } from "./python-numbers.ts";
import { quoteName } from "./quote.ts";
import { decodeUtf8, decodeUtf8Span, hasLoneSurrogate, isAscii, isUtf8Span } from "./utf8.ts";

/** What a message about the document says, and which code it gets. */
export interface JsonDocument {
  /** The file's name. */
  readonly name: string;
  /** "the header", "the index": what is being read. */
  readonly title: string;
  /** Where the document starts in the file. */
  readonly byteOffset: number;
  readonly codes: {
    /** Not JSON. */
    readonly syntax: ErrorCode;
    /** JSON, but not what belongs there. */
    readonly value: ErrorCode;
    /** More than a limit allows. */
    readonly limit: ErrorCode;
  };
  /** NaN, Infinity and -Infinity are passed over like numbers: Python writes them as they are. */
  readonly pythonNumbers?: boolean;
}

/** Nesting that `skipValue` follows: nothing that writes a model's JSON comes near. */
const maximumDepth = 64;
const maximumNumberLength = 512;
const maximumTextLength = 32 * 1024 * 1024;

const jsonWords = ["true", "false", "null"];
const pythonWords = [...jsonWords, "NaN", "Infinity", "-Infinity"];

/**
 * Reads strict JSON (RFC 8259) from bytes, piece by piece and in order, so that duplicate keys are seen, limits are checked
 * before anything is built, and no tree of objects exists. Every complaint is a StudioError with the document's codes.
 */
export class JsonScanner {
  /** The tensor whose entry is being read, for messages. */
  tensor: string | null = null;

  readonly #bytes: Uint8Array;
  readonly #document: JsonDocument;
  #text: string | null | undefined;
  #at = 0;
  /** Just after an opening brace or bracket: no comma may come. */
  #first = false;
  #keyStart = 0;
  #keyEnd = 0;
  /** The string last met. */
  readonly #span: StringSpan = { end: 0, stop: undefined, plain: true, escaped: false };

  constructor(borrowedBytes: Uint8Array, document: JsonDocument) {
    this.#bytes = borrowedBytes;
    this.#document = document;
  }

  enterObject(what: string): void {
    this.#enter(openBrace, what);
  }

  enterArray(what: string): void {
    this.#enter(openBracket, what);
  }

  /** The next member's key, its value being next; null at the object's end. */
  nextKey(maximumLength: number): string | null {
    if (!this.#continues(closeBrace)) return null;
    if (this.#peek() !== quote) this.failSyntax("a key in double quotes");
    this.#keyStart = this.#at;
    const key = this.readString("a key", maximumLength);
    this.#keyEnd = this.#at;
    if (this.#peek() !== colon) this.failSyntax("a colon after a key");
    this.#at++;
    return key;
  }

  /** True when an element is next; false at the array's end. */
  nextElement(): boolean {
    return this.#continues(closeBracket);
  }

  /** Where the next value starts, or what closes its container, in bytes from the document's start. */
  get position(): number {
    this.#peek();
    return this.#at;
  }

  /** Where the value that was last passed ended, in bytes from the document's start. */
  get lastEnd(): number {
    return this.#at;
  }

  /** The key that `nextKey` last gave, with its quotes, in bytes from the document's start. */
  get keySpan(): { readonly start: number; readonly end: number } {
    return { start: this.#keyStart, end: this.#keyEnd };
  }

  /** A value of any kind, of at most `maximumByteLength` bytes, as JSON.parse gives it; Python's numbers become null. */
  readJson(what: string, maximumByteLength: number): unknown {
    const start = this.position;
    this.skipValue();
    if (this.#at - start > maximumByteLength) this.failLimit(`${what} of at most ${maximumByteLength} bytes`);
    const text = this.#decodeUtf8(start, this.#at);
    return JSON.parse(this.#document.pythonNumbers === true ? withoutPythonNumbers(text) : text);
  }

  /** A string of at most `maximumLength` UTF-16 units. */
  readString(what: string, maximumLength: number): string {
    if (this.#peek() !== quote) this.#failKind(what);
    const start = this.#at + 1;
    const end = this.#scanString(start);
    // One UTF-16 unit takes at most six bytes (\uXXXX).
    if (end - start > maximumLength * 6) this.failLimit(`${what} of at most ${maximumLength} characters`);
    const text = this.#decode(start, end);
    if (text.length > maximumLength) {
      this.failLimit(`${what} of at most ${maximumLength} characters`, `${text.length} characters`);
    }
    this.#at = end + 1;
    return text;
  }

  /** An integer from 0 to 2^53 − 1, written as digits alone. */
  readInteger(what: string): number {
    const first = this.#peek();
    const start = this.#at;
    if (first !== minus && !isDigit(first)) this.#failKind(what);
    let value = 0;
    let byte: number | undefined = first;
    while (isDigit(byte)) {
      value = value * 10 + (byte - 0x30);
      byte = this.#bytes[++this.#at];
    }
    const digits = this.#at - start;
    if (first === 0x30 && digits > 1) this.failSyntax("a number without leading zeros");
    if (digits === 0 || byte === 0x2e || byte === 0x65 || byte === 0x45) {
      this.#at = start;
      this.failValue(`${what}: a whole number without sign, point or exponent`, this.#numberText());
    }
    if (value > Number.MAX_SAFE_INTEGER) {
      this.#at = start;
      this.failLimit(`${what} of at most ${Number.MAX_SAFE_INTEGER}`, this.#numberText());
    }
    return value;
  }

  /** The next value if it is a number; anything else is passed over and gives null. */
  readNumberOrSkip(): number | null {
    const byte = this.#peek();
    if (byte === minus || isDigit(byte)) return this.#readNumber();
    this.skipValue();
    return null;
  }

  /** Passes over one value of any kind, checking that it is JSON. */
  skipValue(): void {
    const closers: number[] = [];
    do {
      const closer = closers.at(-1);
      if (closer !== undefined && !this.#nextInside(closer)) {
        closers.pop();
        continue;
      }
      const byte = this.#peek();
      if (byte === openBrace || byte === openBracket) {
        if (closers.length === maximumDepth) this.failLimit(`at most ${maximumDepth} levels of nesting`);
        this.#enter(byte, "a value");
        closers.push(byte === openBrace ? closeBrace : closeBracket);
      } else {
        this.#skipScalar(byte);
      }
    } while (closers.length > 0);
  }

  /** True when the next value is an object. */
  nextIsObject(): boolean {
    return this.#peek() === openBrace;
  }

  /** True when the next value is a string. */
  nextIsString(): boolean {
    return this.#peek() === quote;
  }

  /** Nothing but white space may follow. */
  expectEnd(): void {
    if (this.#peek() !== undefined) this.failSyntax(`nothing after ${this.#document.title}'s end`);
  }

  failSyntax(expected: string): never {
    this.#fail(this.#document.codes.syntax, `${capitalise(this.#document.title)} is not valid JSON`, expected);
  }

  failValue(expected: string, actual?: string): never {
    this.#fail(this.#document.codes.value, `${capitalise(this.#document.title)} is malformed`, expected, actual);
  }

  failLimit(expected: string, actual?: string): never {
    this.#fail(this.#document.codes.limit, `${capitalise(this.#document.title)} is beyond a limit`, expected, actual);
  }

  #fail(code: ErrorCode, what: string, expected: string, actual = describeAt(this.#bytes, this.#at)): never {
    const tensor = this.tensor === null ? "" : `, tensor ${quoteName(this.tensor)}`;
    const where = `${this.#document.name}${tensor} (byte ${this.#document.byteOffset + this.#at})`;
    throw new StudioError({ code, what, where, expected, actual });
  }

  /** A value of another kind stands here (or none at all). */
  #failKind(expected: string): never {
    if (startsValue(this.#bytes[this.#at])) this.failValue(expected);
    this.failSyntax(expected);
  }

  #enter(opener: number, what: string): void {
    if (this.#peek() !== opener) this.#failKind(what);
    this.#at++;
    this.#first = true;
  }

  /** In front of the next member or element: passes the comma, or the end. */
  #continues(closer: number): boolean {
    const first = this.#first;
    this.#first = false;
    const byte = this.#peek();
    if (byte === closer) {
      this.#at++;
      return false;
    }
    if (first) return true;
    if (byte !== comma) this.failSyntax(`"," or "${String.fromCharCode(closer)}"`);
    this.#at++;
    const next = this.#peek();
    if (next === closer) this.failSyntax("a value after a comma");
    return true;
  }

  /** `nextKey` or `nextElement` of a container whose contents do not matter. */
  #nextInside(closer: number): boolean {
    return closer === closeBracket ? this.nextElement() : this.nextKey(Number.MAX_SAFE_INTEGER) !== null;
  }

  /** Finds the end of the string whose contents start at `start`, into the span. */
  #scanString(start: number): number {
    scanString(this.#bytes, start, this.#span);
    const { end, stop } = this.#span;
    if (stop !== quote) {
      this.#at = end;
      this.failSyntax(stop === undefined ? "the string's closing quote" : "an escape for a control character");
    }
    return end;
  }

  #skipScalar(byte: number | undefined): void {
    if (byte === quote) {
      const start = this.#at + 1;
      const end = this.#scanString(start);
      if (this.#span.escaped) this.#decode(start, end);
      else if (!this.#span.plain && !isUtf8Span(this.#bytes, start, end)) this.#failUtf8(start);
      this.#at = end + 1;
    } else {
      const words = this.#document.pythonNumbers === true ? pythonWords : jsonWords;
      const word = isDigit(byte) ? undefined : words.find((candidate) => this.#startsWith(candidate));
      if (word !== undefined) this.#at += word.length;
      else if (byte === minus || isDigit(byte)) this.#readNumber();
      else this.failSyntax("a value");
    }
  }

  #startsWith(word: string): boolean {
    for (let i = 0; i < word.length; i++) if (this.#bytes[this.#at + i] !== word.charCodeAt(i)) return false;
    return true;
  }

  #readNumber(): number {
    const text = this.#numberText();
    if (text.length > maximumNumberLength) this.failLimit(`a number of at most ${maximumNumberLength} characters`);
    if (!/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text)) this.failSyntax("a number");
    this.#at += text.length;
    return Number(text);
  }

  /** The characters of the number at hand, valid or not; of a very long one, the first. */
  #numberText(): string {
    const end = Math.min(numberEnd(this.#bytes, this.#at), this.#at + maximumNumberLength + 1);
    return asciiText(this.#bytes, this.#at, end);
  }

  /** Passes white space; the byte that follows, undefined at the end. */
  #peek(): number | undefined {
    this.#at = whiteSpaceEnd(this.#bytes, this.#at);
    return this.#bytes[this.#at];
  }

  #decode(start: number, end: number): string {
    const raw = this.#span.plain ? this.#asciiText(start, end) : this.#decodeUtf8(start, end);
    if (!this.#span.escaped) return raw;
    let text: string;
    try {
      // Quotes and control characters were seen to; what is left are the escapes, which the runtime knows best.
      text = JSON.parse(`"${raw}"`) as string;
    } catch {
      this.#at = start;
      this.failSyntax("valid escapes in a string");
    }
    this.#at = start;
    if (hasLoneSurrogate(text)) this.failSyntax("surrogates in pairs");
    return text;
  }

  /**
   * A slice of the whole document's text, which is decoded once: of 200,000 names slices are made in 0.06 s, strings of their
   * own in 0.14 s. Offsets in bytes and in text are the same only when all of it is ASCII; another document, or a very large
   * one, is decoded string by string.
   */
  #asciiText(start: number, end: number): string {
    if (this.#text === undefined) {
      const isText = this.#bytes.length <= maximumTextLength && isAscii(this.#bytes);
      this.#text = isText ? decodeUtf8(this.#bytes) : null;
    }
    return this.#text?.slice(start, end) ?? this.#decodeUtf8(start, end);
  }

  #decodeUtf8(start: number, end: number): string {
    return decodeUtf8Span(this.#bytes, start, end) ?? this.#failUtf8(start);
  }

  #failUtf8(start: number): never {
    this.#at = start;
    this.failSyntax("valid UTF-8");
  }
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
