import { bitsAt, dtypeF32, isNonFinite, valueAt } from "./elements.ts";
import { convertNan, encodeElement } from "./encode.ts";
import {
  baseDtypeOf,
  baseOf,
  chatDtypeOf,
  chatOf,
  outputDtypeOf,
  outputOf,
  scaleOf,
  targetDtypeOf,
  targetOf,
  vectorCountOf,
  vectorOf,
} from "./operation.ts";

/**
 * Merges elements one at a time, whatever they hold. Returns how many outputs are NaN or infinite where the target was finite. Twin of
 * src-core/reference/merge.ts, in f64 as it is.
 */
export function mergeCarefully(operation: usize, start: u32, end: u32): u32 {
  const targetDtype = targetDtypeOf(operation);
  const outputDtype = outputDtypeOf(operation);
  const target = targetOf(operation);
  let newNonFinite: u32 = 0;
  for (let i = start; i < end; i++) {
    const value = valueAt(targetDtype, target, i);
    const targetBits = bitsAt(targetDtype, target, i);
    const merged = isNaN(value)
      ? convertNan(targetDtype, targetBits, outputDtype)
      : encodeElement(outputDtype, roundedToF32(value + sumOfVectors(operation, i)));
    storeBits(outputDtype, outputOf(operation), i, merged);
    if (isNonFinite(outputDtype, merged) && !isNonFinite(targetDtype, targetBits)) newNonFinite++;
  }
  return newNonFinite;
}

/** Σ scale · (chat − base), vectors in recipe order. */
function sumOfVectors(operation: usize, index: u32): f64 {
  // −0 is what leaves every number as it is when added to it, −0 included.
  let sum: f64 = -0.0;
  for (let v: u32 = 0, count = vectorCountOf(operation); v < count; v++) {
    const vector = vectorOf(operation, v);
    const chat = valueAt(chatDtypeOf(vector), chatOf(vector), index);
    const base = valueAt(baseDtypeOf(vector), baseOf(vector), index);
    sum = roundedToF32(sum + roundedToF32(f64(scaleOf(vector)) * roundedToF32(chat - base)));
  }
  return sum;
}

const tiny: f64 = 5.421010862427522e-20; // 2^-64
const huge: f64 = 18446744073709551616.0; // 2^64
const scaleUp: f64 = 7.922816251426434e28; // 2^96
const scaleDown: f64 = 1.262177448353619e-29; // 2^-96

/** Rounded to the 24 significant bits of an f32, without bounds on the exponent. Twin of src-core/reference/f32.ts. */
function roundedToF32(x: f64): f64 {
  const magnitude = abs(x);
  if (magnitude < tiny) return f64(f32(x * scaleUp)) * scaleDown;
  if (magnitude > huge) return f64(f32(x * scaleDown)) * scaleUp;
  return f64(f32(x));
}

function storeBits(dtype: u32, address: usize, index: u32, bits: u32): void {
  if (dtype === dtypeF32) store<u32>(address + (usize(index) << 2), bits);
  else store<u16>(address + (usize(index) << 1), u16(bits));
}
