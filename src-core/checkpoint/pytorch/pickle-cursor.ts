import { type ErrorCode, StudioError } from "../../errors.ts";
import { maximumNameLength, maximumPickleTextBytes } from "../../limits.ts";
import type { ByteSource } from "../byte-source.ts";
import { asciiText } from "../json-bytes.ts";
import { decodeUtf8 } from "../utf8.ts";

/** Held at a time: a pickle is read through a window, because where it ends in an old file only it tells. */
const windowByteLength = 64 * 1024;
/** An instruction with whatever of its argument is kept: two lines of a name each, or a text, and a few bytes. */
const instructionByteLength = maximumPickleTextBytes + 16;
/** Longer text is left to the decoder: each byte is an argument of a call. */
const maximumCallTextBytes = 256;
const newline = 0x0a;

/** What an error is about, but for its place. */
export interface Fault {
  readonly code: ErrorCode;
  readonly what: string;
  readonly expected?: string;
  readonly actual?: string;
  readonly advice?: string;
}

/**
 * Reads numbers and text of a file one after another. `prepare` brings in what an instruction may need; everything else is
 * synchronous and throws a StudioError where the bytes end.
 */
export class PickleCursor {
  readonly #source: ByteSource;
  /** Where the pickle ends, or must have ended. */
  readonly #byteEnd: number;
  /** What is beyond the end: nothing, or more than a pickle may have. */
  readonly #beyond: "nothing" | "limit";
  readonly #window: Uint8Array;
  readonly #view: DataView;
  #windowByteOffset: number;
  #filled = 0;
  #at = 0;
  /** Of the instruction at hand, for messages. */
  #instructionByteOffset: number;

  constructor(source: ByteSource, byteOffset: number, byteEnd: number, beyond: "nothing" | "limit" = "nothing") {
    this.#source = source;
    this.#byteEnd = byteEnd;
    this.#beyond = beyond;
    this.#window = new Uint8Array(Math.min(windowByteLength, byteEnd - byteOffset));
    this.#view = new DataView(this.#window.buffer);
    this.#windowByteOffset = byteOffset;
    this.#instructionByteOffset = byteOffset;
  }

  /** From the start of the file. */
  get byteOffset(): number {
    return this.#windowByteOffset + this.#at;
  }

  get remaining(): number {
    return this.#byteEnd - this.byteOffset;
  }

  /** True when `prepare` must be awaited before the next instruction. */
  get isLow(): boolean {
    return this.#filled - this.#at < instructionByteLength && this.#windowByteOffset + this.#filled < this.#byteEnd;
  }

  async prepare(): Promise<void> {
    const kept = Math.max(0, this.#filled - this.#at);
    if (kept > 0) this.#window.copyWithin(0, this.#at, this.#filled);
    this.#windowByteOffset += this.#at;
    this.#at = 0;
    const wanted = Math.min(this.#window.length, this.#byteEnd - this.#windowByteOffset);
    await this.#source.readInto(this.#window.subarray(kept, wanted), this.#windowByteOffset + kept);
    this.#filled = wanted;
  }

  readOpcode(): number {
    this.#instructionByteOffset = this.byteOffset;
    return this.readUint8();
  }

  readUint8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  readUint16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  readInt32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  readUint32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** Rounded beyond 2^53, which is more than any file has. */
  readUint64(): number {
    const at = this.#take(8);
    return this.#view.getUint32(at, true) + this.#view.getUint32(at + 4, true) * 2 ** 32;
  }

  readFloat64(): number {
    return this.#view.getFloat64(this.#take(8), false);
  }

  /** A signed integer of so many bytes, at most 8; null when a double cannot hold it. */
  readInteger(byteLength: number): number | null {
    const at = this.#take(byteLength);
    let value = 0n;
    for (let i = byteLength - 1; i >= 0; i--) value = value * 256n + BigInt(this.#window[at + i] ?? 0);
    const number = Number(BigInt.asIntN(byteLength * 8, value));
    return Number.isSafeInteger(number) ? number : null;
  }

  /** Text of so many bytes, at most `maximumPickleTextBytes`; null when it is not UTF-8. */
  readText(byteLength: number): string | null {
    const at = this.#take(byteLength);
    return this.#text(at, at + byteLength);
  }

  /** Text up to a newline, which is passed. */
  readLine(): string {
    const end = this.#window.subarray(0, this.#filled).indexOf(newline, this.#at);
    const byteLength = end - this.#at;
    if (end === -1 && this.remaining <= maximumNameLength) throw this.#ended();
    if (end === -1 || byteLength > maximumNameLength) {
      const expected = `a name of at most ${maximumNameLength} bytes`;
      throw this.error({
        code: "pickle-limit",
        what: "The pickle is beyond a limit",
        expected,
        actual: "a longer one",
      });
    }
    const text = this.#text(this.#at, end);
    if (text === null) throw this.malformed("a name in UTF-8", "other bytes");
    this.#at = end + 1;
    return text;
  }

  /** Passes over bytes, whether in the window or not. */
  skip(byteLength: number): void {
    if (byteLength > this.remaining) throw this.#ended();
    this.#at += byteLength;
  }

  malformed(expected: string, actual: string): StudioError {
    return this.error({ code: "pickle-invalid", what: "The file's pickle is malformed", expected, actual });
  }

  /** An error at the instruction at hand. */
  error(fault: Fault, subject = ""): StudioError {
    return new StudioError({ ...fault, where: `${this.#source.name}${subject} (byte ${this.#instructionByteOffset})` });
  }

  #take(byteLength: number): number {
    const at = this.#at;
    if (at + byteLength > this.#filled) throw this.#ended();
    this.#at = at + byteLength;
    return at;
  }

  #text(start: number, end: number): string | null {
    if (end - start <= maximumCallTextBytes && this.#isAscii(start, end)) return asciiText(this.#window, start, end);
    return decodeUtf8(this.#window.subarray(start, end));
  }

  #isAscii(start: number, end: number): boolean {
    let seen = 0;
    for (let at = start; at < end; at++) seen |= this.#window[at] ?? 0;
    return seen < 0x80;
  }

  #ended(): StudioError {
    if (this.#beyond === "nothing") return this.malformed("the instruction STOP", "the end of the bytes");
    const expected = `the instruction STOP within ${this.#byteEnd} bytes`;
    return this.error({ code: "pickle-limit", what: "The pickle is beyond a limit", expected, actual: "more" });
  }
}
