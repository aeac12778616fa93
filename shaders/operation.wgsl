// What the merge kernels see of one operation: merged[i] = target[i] + Σ scale · (chat[i] − base[i]).
//
// Operands and groups: elements.wgsl, which precedes this text.

struct Vector {
  // Offsets in blocks.
  chatBlock: u32,
  baseBlock: u32,
  // chat | base << 8.
  dtypes: u32,
  // λ, the bits of an f32: 0, or 2^-32 ≤ |λ| ≤ 2^32.
  scaleBits: u32,
}

// 256 bytes.
struct Operation {
  elementCount: u32,
  vectorCount: u32,
  // Offsets in blocks.
  targetBlock: u32,
  outputBlock: u32,
  targetDtype: u32,
  outputDtype: u32,
  // Index of this operation's counters.
  index: u32,
  // 1: merge.wgsl defers every group.
  isDeferred: u32,
  vectors: array<Vector, 14>,
}

struct Counters {
  // Groups that merge.wgsl left to merge-careful.wgsl.
  deferred: atomic<u32>,
  // Outputs that are NaN or infinite where the target was finite.
  newNonFinite: atomic<u32>,
}

@group(0) @binding(1) var<storage, read_write> output: array<vec4u>;
// The deferred groups of an operation, from deferredGroups[outputBlock] on: a group has at least one block of output.
@group(0) @binding(2) var<storage, read_write> deferredGroups: array<u32>;
@group(0) @binding(3) var<storage, read_write> counters: array<Counters>;
@group(0) @binding(4) var<uniform> operation: Operation;

// Writes one group in the output's dtype, each element in the low bits of its lane. A block is written only where it holds
// an element: the next one may be another operation's.
fn storeGroup(outputDtype: u32, group: u32, bits: Group) {
  if (outputDtype != F32) {
    output[operation.outputBlock + group] = bits.even | (bits.odd << vec4u(16u));
    return;
  }
  let block = operation.outputBlock + 2u * group;
  output[block] = vec4u(bits.even.x, bits.odd.x, bits.even.y, bits.odd.y);
  if (8u * group + 4u < operation.elementCount) {
    output[block + 1u] = vec4u(bits.even.z, bits.odd.z, bits.even.w, bits.odd.w);
  }
}
