import type { Random } from "../../random.ts";
import { joinBytes, type Mutator, pick } from "./document.ts";

/** Numbers at which lengths, counts and offsets go wrong. */
const lengths = [0, 1, 2, 127, 128, 255, 256, 65_535, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 53, 2 ** 63];

/** Changes that mean something in any format: of bytes, of runs of them, and of the numbers that binary formats hold. */
export function mutateBytes(
  likelyBytes: readonly number[] = [],
  fragments: readonly (readonly number[])[] = [],
): Mutator {
  return (bytes, random) => {
    const at = bytes.length === 0 ? 0 : random.integer(bytes.length);
    const length = 1 + random.integer(12);
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    const byte = random.integer(2) === 0 && likelyBytes.length > 0 ? pick(random, likelyBytes) : random.integer(256);
    switch (random.integer(fragments.length > 0 ? 11 : 9)) {
      case 0:
        return joinBytes(before, [byte], after.subarray(1));
      case 1:
        return joinBytes(before, [(after[0] ?? 0) ^ (1 << random.integer(8))], after.subarray(1));
      case 2:
        return joinBytes(before, after.subarray(length));
      case 3:
        return joinBytes(before, new Uint8Array(length).fill(byte), after);
      case 4:
        return before.slice();
      case 5:
        return joinBytes(
          before,
          ...Array<Uint8Array>(2 + random.integer(40)).fill(after.subarray(0, length * 8)),
          after,
        );
      case 6:
        return joinBytes(before, after.subarray(length), after.subarray(0, length));
      case 7:
        return joinBytes(before, numberBytes(random), after.subarray(pick(random, [1, 2, 4, 8])));
      case 8:
        return joinBytes(before, varint(pick(random, lengths)), after.subarray(1));
      default:
        return joinBytes(before, pick(random, fragments), after.subarray(random.integer(2) * length));
    }
  };
}

/** A number of 1, 2, 4 or 8 bytes, the lowest first. */
function numberBytes(random: Random): Uint8Array {
  const value = BigInt(pick(random, lengths)) - BigInt(random.integer(2));
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt.asIntN(64, value), true);
  return bytes.subarray(0, pick(random, [1, 2, 4, 8]));
}

/** A number as protocol buffers write it: seven bits in a byte. */
export function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
  return bytes;
}
