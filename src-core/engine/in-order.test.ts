import fc from "fast-check";
import { expect, test } from "vitest";
import { InOrder } from "./in-order.ts";

test("pieces are handed on in their order, however they come, and each as soon as it can be", () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 });
  const shuffled = lengths.chain((all) => {
    const pieces = all.map((length, at) => ({ start: all.slice(0, at).reduce((sum, each) => sum + each, 0), length }));
    return fc.shuffledSubarray(pieces, { minLength: pieces.length }).map((order) => ({ pieces, order }));
  });
  fc.assert(
    fc.property(shuffled, ({ pieces, order }) => {
      const taken: number[] = [];
      const inOrder = new InOrder<number>((start) => taken.push(start));
      const come = new Set<number>();
      for (const { start, length } of order) {
        inOrder.add(start, length, start);
        come.add(start);
        const firstMissing = pieces.findIndex((piece) => !come.has(piece.start));
        const whole = firstMissing < 0 ? pieces : pieces.slice(0, firstMissing);
        expect(taken).toEqual(whole.map((piece) => piece.start));
      }
    }),
  );
});
