import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeJournal, encodeSynced, encodeWritten, type WrittenRange } from "./journal.ts";
import { RangeSet } from "./range-set.ts";

const range: fc.Arbitrary<WrittenRange> = fc.record({
  file: fc.integer({ min: 0, max: 3 }),
  byteOffset: fc.integer({ min: 0, max: 300 }),
  byteLength: fc.integer({ min: 0, max: 40 }),
  newNonFinite: fc.constantFrom(0, 0, 7),
});

const join = (parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

describe("a set of ranges", () => {
  test("holds exactly the integers that were added, as few disjoint ranges", () => {
    fc.assert(
      fc.property(fc.array(range), range, (added, asked) => {
        const set = new RangeSet();
        const plain = new Set<number>();
        for (const { byteOffset, byteLength } of added) {
          set.add(byteOffset, byteOffset + byteLength);
          for (let i = 0; i < byteLength; i++) plain.add(byteOffset + i);
        }
        expect(set.size).toBe(plain.size);
        const end = asked.byteOffset + asked.byteLength;
        const all = Array.from({ length: asked.byteLength }, (_, i) => plain.has(asked.byteOffset + i)).every(Boolean);
        expect(set.covers(asked.byteOffset, end)).toBe(all);
        set.ranges.forEach(({ start }, index) => {
          if (index > 0) expect(start).toBeGreaterThan(set.ranges[index - 1]?.end ?? Number.NaN);
        });
      }),
    );
  });
});

describe("a journal", () => {
  test("tells what was written, and what of it is on the disk for good", () => {
    const first = [{ file: 0, byteOffset: 0, byteLength: 10, newNonFinite: 0 }];
    const second = [
      { file: 0, byteOffset: 10, byteLength: 5, newNonFinite: 3 },
      { file: 1, byteOffset: 2 ** 40, byteLength: 8, newNonFinite: 0 },
    ];
    const { written, synced, nonFinite } = decodeJournal(
      join([encodeWritten(first), encodeSynced(32), encodeWritten(second)]),
    );
    expect(written.get(0)?.ranges).toEqual([{ start: 0, end: 15 }]);
    expect(written.get(1)?.ranges).toEqual([{ start: 2 ** 40, end: 2 ** 40 + 8 }]);
    expect(synced.get(0)?.ranges).toEqual([{ start: 0, end: 10 }]);
    expect(synced.get(1)).toBeUndefined();
    expect(nonFinite).toMatchObject([second[0]]);
  });

  test("does not take for synced what was written while the disk was waited for", () => {
    const range = (byteOffset: number) => [{ file: 0, byteOffset, byteLength: 10, newNonFinite: 0 }];
    const bytes = join([encodeWritten(range(0)), encodeWritten(range(10)), encodeSynced(32)]);
    expect(decodeJournal(bytes).synced.get(0)?.ranges).toEqual([{ start: 0, end: 10 }]);
    const later = decodeJournal(join([bytes, encodeSynced(96)]));
    expect(later.synced.get(0)?.ranges).toEqual([{ start: 0, end: 20 }]);
  });

  test("cut anywhere, or damaged anywhere, never claims more than was recorded before that place", () => {
    fc.assert(
      fc.property(
        fc.array(range, { minLength: 1 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (ranges, place, flip) => {
          const whole = encodeWritten(ranges);
          const at = place % whole.byteLength;
          const before = ranges.slice(0, Math.floor(at / 32));
          const expected = decodeJournal(encodeWritten(before));
          const damaged = whole.slice();
          damaged[at] = (damaged[at] ?? 0) ^ flip;
          for (const bytes of [whole.subarray(0, at), damaged]) {
            const { written, byteLength } = decodeJournal(bytes);
            expect(byteLength).toBe(before.length * 32);
            for (const file of [0, 1, 2, 3])
              expect(written.get(file)?.ranges ?? []).toEqual(expected.written.get(file)?.ranges ?? []);
          }
        },
      ),
    );
  });

  test("ends before what no journal of this version says, though its checksum is right", () => {
    const good = { file: 0, byteOffset: 0, byteLength: 10, newNonFinite: 0 };
    const ranges = [Number.NaN, -1, 0.5, 2 ** 53].flatMap((number) => [
      { ...good, byteOffset: number },
      { ...good, byteLength: number },
    ]);
    for (const range of ranges) {
      const { written, byteLength } = decodeJournal(join([encodeWritten([good, range]), encodeWritten([good])]));
      expect([byteLength, written.get(0)?.size], JSON.stringify(range)).toEqual([32, 10]);
    }
    for (const kind of [0, 3, 2 ** 31]) {
      const other = encodeWritten([{ ...good, byteOffset: 10 }]);
      const view = new DataView(other.buffer);
      view.setUint32(0, kind, true);
      view.setUint32(28, fnv1a(other.subarray(0, 28)), true);
      expect(decodeJournal(join([encodeWritten([good]), other])).byteLength, `kind ${kind}`).toBe(32);
    }
  });
});

/** As the format says. */
function fnv1a(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
