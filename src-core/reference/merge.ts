import type { MergeableDtype } from "../checkpoint/dtype.ts";
import { decodeElement } from "./decode.ts";
import { type Elements, readBits, writeBits } from "./elements.ts";
import { convertNan, encodeElement } from "./encode.ts";
import { f32 } from "./f32.ts";

/** One chat vector at one element: values, λ an f32. */
export interface ElementVector {
  readonly scale: number;
  readonly chat: number;
  readonly base: number;
}

/**
 * target + Σ scale · (chat − base), in f32, vectors in recipe order; not yet rounded to the output's dtype.
 * Source: Chat Vector (arXiv 2310.04799), eq. 1–2. Twin of shaders/merge.wgsl.
 */
export function mergeElement(target: number, vectors: readonly ElementVector[]): number {
  // −0 is what leaves every number as it is when added to it, −0 included.
  let sum = -0;
  for (const { scale, chat, base } of vectors) sum = f32(sum + f32(scale * f32(chat - base)));
  return f32(target + sum);
}

export interface TensorVector {
  readonly scale: number;
  readonly chat: Elements;
  readonly base: Elements;
}

/**
 * Merges `elementCount` elements into `output`. A NaN target stays as it is, quieted. Returns how many outputs are NaN or
 * infinite where the target was finite.
 */
export function mergeElements(
  elementCount: number,
  target: Elements,
  vectors: readonly TensorVector[],
  output: Elements,
): number {
  let newNonFinite = 0;
  for (let i = 0; i < elementCount; i++) {
    const targetValue = valueAt(target, i);
    const merged = Number.isNaN(targetValue)
      ? convertNan(target.dtype, readBits(target, i), output.dtype)
      : encodeElement(
          output.dtype,
          mergeElement(
            targetValue,
            vectors.map(({ scale, chat, base }) => ({ scale, chat: valueAt(chat, i), base: valueAt(base, i) })),
          ),
        );
    writeBits(output, i, merged);
    if (Number.isFinite(targetValue) && !isFiniteElement(output.dtype, merged)) newNonFinite++;
  }
  return newNonFinite;
}

function valueAt(elements: Elements, index: number): number {
  return decodeElement(elements.dtype, readBits(elements, index));
}

function isFiniteElement(dtype: MergeableDtype, bits: number): boolean {
  return Number.isFinite(decodeElement(dtype, bits));
}
