/**
 * Constants of the innermost loop, each in every lane of its vector. They are put into memory and read from there, because an engine that finds a
 * constant in a loop makes it anew in every turn: that took a seventh of the time.
 */
export const constantsBytes: usize = 80;

/** Of f32: all but the sign. */
export function magnitudeMask(constants: usize): v128 {
  return v128.load(constants);
}

export function upperHalfMask(constants: usize): v128 {
  return v128.load(constants, 16);
}

/** For pair-histogram.ts, as is the rest. */
export function binBelow(constants: usize): v128 {
  return v128.load(constants, 32);
}

export function lastBin(constants: usize): v128 {
  return v128.load(constants, 48);
}

export function binStrides(constants: usize): v128 {
  return v128.load(constants, 64);
}

/** `below` and `last` for eight bins of 16 bits; `strides` for four pairs of them. */
export function storeConstants(constants: usize, below: i16, last: i16, strides: i32): void {
  v128.store(constants, i32x4.splat(0x7fffffff));
  v128.store(constants, i32x4.splat(0xffff0000), 16);
  v128.store(constants, i16x8.splat(below), 32);
  v128.store(constants, i16x8.splat(last), 48);
  v128.store(constants, i32x4.splat(strides), 64);
}
