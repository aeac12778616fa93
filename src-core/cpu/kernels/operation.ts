/**
 * What a kernel sees of one merge operation: a record of 32-bit words, written by src-core/cpu/operation-table.ts (which says what the
 * words are). Operands are absolute addresses, multiples of 16.
 */
const headBytes: usize = 32;
const vectorBytes: usize = 32;

export const operationBytes: usize = 512;

export function elementCountOf(operation: usize): u32 {
  return load<u32>(operation);
}

export function vectorCountOf(operation: usize): u32 {
  return load<u32>(operation, 4);
}

export function targetOf(operation: usize): usize {
  return load<u32>(operation, 8);
}

export function targetDtypeOf(operation: usize): u32 {
  return load<u32>(operation, 12);
}

export function outputOf(operation: usize): usize {
  return load<u32>(operation, 16);
}

export function outputDtypeOf(operation: usize): u32 {
  return load<u32>(operation, 20);
}

export function setNewNonFinite(operation: usize, count: u32): void {
  store<u32>(operation, count, 24);
}

/** The record of one of the operation's vectors. */
export function vectorOf(operation: usize, index: u32): usize {
  return operation + headBytes + vectorBytes * index;
}

export function chatOf(vector: usize): usize {
  return load<u32>(vector);
}

export function chatDtypeOf(vector: usize): u32 {
  return load<u32>(vector, 4);
}

export function baseOf(vector: usize): usize {
  return load<u32>(vector, 8);
}

export function baseDtypeOf(vector: usize): u32 {
  return load<u32>(vector, 12);
}

export function scaleOf(vector: usize): f32 {
  return load<f32>(vector, 16);
}

/** For |chat − base| ≠ 0 of at least this (an f32's bits) the product with the scale is exactly what the reference has. */
export function leastDifferenceOf(vector: usize): u32 {
  return load<u32>(vector, 20);
}
