import { tokenizerError } from "./tokenizer-error.ts";

/** How a protobuf field's value is laid out. Groups (3 and 4) are not written by anything that we read. */
export const wireTypes = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Field numbers take 29 bits. */
const maximumFieldNumber = 2 ** 29 - 1;
/** A varint is at most ten bytes long: 64 bits of seven each. */
const maximumVarintLength = 10;

/**
 * Walks through the fields of one protobuf message, in the order they stand, without building anything. Each step checks wire
 * type and length against what is left of the message. Throws a StudioError `tokenizer-invalid`.
 * Source: protobuf.dev, "Encoding".
 */
export class ProtobufReader {
  /** The field at hand. */
  field = 0;
  wireType = 0;
  /** The bytes of the value at hand: for `bytes` without their length. */
  valueStart = 0;
  valueEnd = 0;
  /** Where the field at hand starts: its tag. */
  fieldStart = 0;

  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #where: string;
  #at: number;

  constructor(borrowedBytes: Uint8Array, where: string, start = 0, end = borrowedBytes.length) {
    this.#bytes = borrowedBytes;
    this.#where = where;
    this.#at = start;
    this.#end = end;
  }

  /** Moves to the next field; false at the message's end. */
  next(): boolean {
    this.#at = Math.max(this.#at, this.valueEnd);
    if (this.#at >= this.#end) return false;
    this.fieldStart = this.#at;
    const tag = this.#varint();
    this.field = Math.floor(tag / 8);
    this.wireType = tag % 8;
    if (this.field < 1 || this.field > maximumFieldNumber) this.fail("a protobuf field number", String(this.field));
    const length = this.#valueLength();
    if (length > this.#end - this.#at) {
      this.fail("a field that ends within its message", `${length} bytes of ${this.#end - this.#at} left`);
    }
    this.valueStart = this.#at;
    this.valueEnd = this.#at + length;
    return true;
  }

  /** The value at hand as a number: an enum, a bool, a small integer. */
  integer(what: string): number {
    this.expect(wireTypes.varint, what);
    this.#at = this.valueStart;
    return this.#varint();
  }

  /** Demands that the value at hand has a wire type. */
  expect(wireType: number, what: string): void {
    if (this.wireType !== wireType) this.fail(`${what} of wire type ${wireType}`, `wire type ${this.wireType}`);
  }

  fail(expected: string, actual: string): never {
    throw tokenizerError(`${this.#where} (byte ${this.fieldStart})`, expected, actual);
  }

  #valueLength(): number {
    switch (this.wireType) {
      case wireTypes.varint: {
        const start = this.#at;
        this.#varint();
        const length = this.#at - start;
        this.#at = start;
        return length;
      }
      case wireTypes.fixed64:
        return 8;
      case wireTypes.fixed32:
        return 4;
      case wireTypes.bytes:
        return this.#varint();
      default:
        return this.fail("a protobuf wire type (0, 1, 2 or 5)", String(this.wireType));
    }
  }

  /** Exact up to 2^53; beyond, what is used of it (lengths, enums) is refused anyway. */
  #varint(): number {
    let value = 0;
    let factor = 1;
    for (let length = 1; length <= maximumVarintLength; length++) {
      if (this.#at >= this.#end) this.fail("a whole number", "the message's end");
      const byte = this.#bytes[this.#at++] as number;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    return this.fail(`a number of at most ${maximumVarintLength} bytes`, "a longer one");
  }
}
