import { BF16, dtypeF16, dtypeF32, F16, fourOf, infiniteF16 } from "./elements.ts";

/**
 * `count` elements (a multiple of four) → f32 at `destination`, in their order. Returns whether that is right: an infinite or NaN
 * F16 decodes to something else.
 */
export function decodeTile(dtype: u32, address: usize, count: u32, destination: usize): bool {
  if (dtype === dtypeF32) {
    memory.copy(destination, address, usize(count) << 2);
    return true;
  }
  if (dtype === dtypeF16) return decodeF16(address, count, destination);
  for (const end = destination + (usize(count) << 2); destination < end; destination += 16) {
    v128.store(destination, fourOf<BF16>(address));
    address += 8;
  }
  return true;
}

function decodeF16(address: usize, count: u32, destination: usize): bool {
  let largest = i32x4.splat(0);
  for (const end = destination + (usize(count) << 2); destination < end; destination += 16) {
    largest = i32x4.max_s(largest, v128.and(v128.load_ext<u16>(address), i32x4.splat(0x7fff)));
    v128.store(destination, fourOf<F16>(address));
    address += 8;
  }
  return !v128.any_true(i32x4.ge_s(largest, i32x4.splat(infiniteF16)));
}
