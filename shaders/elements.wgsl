// The slot's input, as all kernels see it.
//
// Buffers are made of 16-byte blocks. An operand is a run of packed little-endian elements that starts at a block:
// eight elements of F16 or BF16 in one block, four elements of F32. Kernels work on groups of eight elements.

// As numbered in src-core/gpu/operation-table.ts.
const F32 = 0u;
const F16 = 1u;
const BF16 = 2u;
// Stands for a dtype that is not known when a pipeline is made.
const ANY_DTYPE = 3u;

@group(0) @binding(0) var<storage, read> input: array<vec4u>;

const magnitudeMask = vec4u(0x7fffffffu);

// A group of eight elements: 0, 2, 4, 6 and 1, 3, 5, 7, the order in which two 16-bit elements share a word.
struct Group {
  even: vec4u,
  odd: vec4u,
}

// The dtype that a pipeline is made for, or else the operation's.
fn known(fixedDtype: u32, dtypeOfOperation: u32) -> u32 {
  if (fixedDtype == ANY_DTYPE) {
    return dtypeOfOperation;
  }
  return fixedDtype;
}
