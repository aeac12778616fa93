import { type Backend, type MeasureOperation, operandAlignment, type Slot } from "../engine/backend.ts";
import { Random } from "../random.ts";
import type { TensorSums } from "../statistics/tensor-sums.ts";
import { checkSums } from "./measure-check.ts";
import { f32ValuesOf, float64Sums } from "./measure-float64.ts";
import { sumOfParts } from "./measure-table.ts";

/** Where chat has a NaN. */
const nonFiniteIndex = 50_000_001;

/** Target, chat and base; drawn anew for every chunk, so that memory stays small. */
type Chunk = readonly [Uint16Array, Uint16Array, Uint16Array];

/**
 * Measures 2^26 bf16 elements whose sums no f32 could hold, cut into chunks of a slot and added as the pipeline adds them. Magnitudes are
 * those of weights but for one in 4096, which is anything from 2^-100 to 2^8; one element is not finite. Returns what differs
 * from float64 by more than `tolerance`, or null.
 */
export async function measureLargeTensor(backend: Backend, tolerance: number): Promise<string | null> {
  const elementCount = 2 ** 26;
  const chunkElements = Math.floor(backend.slotSize.inputBytes / 6 / operandAlignment) * operandAlignment;
  const starts = Array.from({ length: Math.ceil(elementCount / chunkElements) }, (_, index) => index * chunkElements);
  const measured = new Map<number, TensorSums>();
  const expected = new Map<number, TensorSums>();
  const pending = starts.values();
  const work = async (slot: Slot) => {
    for (let next = pending.next(); next.done !== true; next = pending.next()) {
      const start = next.value;
      const chunk = drawChunk(start, Math.min(chunkElements, elementCount - start));
      expected.set(start, expectedOf(chunk));
      const operation = fill(await slot.prepare(), chunk);
      const [sums] = await slot.measure([operation]);
      if (sums !== undefined) measured.set(start, sums);
    }
  };
  await Promise.all(backend.slots.map(work));
  const [actual, should] = [sumOfParts(measured), sumOfParts(expected)];
  if (actual === null || should === null) return "nothing was measured";
  if (should.firstNonFinite?.index !== nonFiniteIndex) return "the non-finite element is not where it should be";
  return checkSums("2^26 elements", actual, should, tolerance);
}

function drawChunk(start: number, elementCount: number): Chunk {
  const random = new Random(start + 31);
  const draw = () => {
    const halves = new Uint16Array(elementCount);
    for (let i = 0; i < elementCount; i++) halves[i] = drawWeight(random.bits());
    return halves;
  };
  const chunk = [draw(), draw(), draw()] as const;
  const at = nonFiniteIndex - start;
  if (at >= 0 && at < elementCount) chunk[1][at] = 0x7fc0;
  return chunk;
}

/** Bits of a bf16 from 32 random ones. */
function drawWeight(bits: number): number {
  const signAndFraction = bits & 0x807f;
  const isUnusual = (bits & 0xfff0000) === 0;
  const exponent = isUnusual ? 27 + ((bits >>> 7) & 0xff) * (108 / 256) : 118 + ((bits >>> 28) & 3);
  return signAndFraction | (exponent << 7);
}

function expectedOf(chunk: Chunk): TensorSums {
  const [target, chat, base] = chunk.map((halves) =>
    f32ValuesOf({ dtype: "BF16", bits: Uint32Array.from(halves) }),
  ) as [Float32Array, Float32Array, Float32Array];
  return float64Sums({ target, chat, base });
}

function fill(input: Uint8Array, chunk: Chunk): MeasureOperation {
  const elementCount = chunk[0].length;
  const operand = (index: number) => ({ dtype: "BF16", byteOffset: index * elementCount * 2 }) as const;
  chunk.forEach((halves, index) => {
    input.set(new Uint8Array(halves.buffer), operand(index).byteOffset);
  });
  return { elementCount, target: operand(0), vectors: [{ chat: operand(1), base: operand(2) }] };
}
