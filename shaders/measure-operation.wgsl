// What the measure kernels see of one operation and what they write of it: the sums of src-core/statistics/tensor-sums.ts.
// With τ = chat − base of a vector and σ = target − base of the same vector. Operands and groups: elements.wgsl.
//
// An operation's elements are cut into tiles. A workgroup adds up one tile in f32, in a fixed order: which workgroup it is and
// when it runs changes nothing. The CPU adds the tiles in float64 (src-core/gpu/measure-partials.ts, which knows the layout below).

// Stands for the dtype of a target that is not there. Shares its number with no dtype of elements.wgsl.
const NO_TARGET = 4u;

// Invocations of a workgroup: a multiple of 16.
override workgroupSize: u32 = 256u;
// Groups that one invocation takes of a tile, in steps of workgroupSize groups; at most 32.
override groupsPerInvocation: u32 = 4u;

struct MeasuredVector {
  // Offsets in blocks.
  chatBlock: u32,
  baseBlock: u32,
  // chat | base << 8.
  dtypes: u32,
  unused: u32,
}

// 256 bytes.
struct MeasureOperation {
  elementCount: u32,
  vectorCount: u32,
  // Offset in blocks.
  targetBlock: u32,
  targetDtype: u32,
  // Where its first tile starts in `partials`, in words.
  partialsOffset: u32,
  // Index of this operation.
  index: u32,
  unused0: u32,
  unused1: u32,
  vectors: array<MeasuredVector, 14>,
}

// A tile's words: first these.
const NON_FINITE_COUNT = 0u;
// Least key of its non-finite elements, index in the tile << 5 | operand; operands count target, chat 0, base 0, chat 1, …
const FIRST_NON_FINITE = 1u;
const TILE_HEADER_WORDS = 4u;

// Then of each vector: sums in f32.
const SUM_TARGET = 0u;
const SUM_BASE = 1u;
const SUM_CHAT = 2u;
const SUM_VECTOR = 3u;
const SUM_SHIFT = 4u;
const SUM_TARGET_VECTOR = 5u;
const SUM_SHIFT_VECTOR = 6u;
const SUM_ABSOLUTE = 7u;
// max |τ|, f32 bits.
const MAXIMUM = 8u;
const REDUCED_WORDS = 9u;
// The powers of two (i32) that target, base, chat, τ and σ were multiplied with before they went into the sums.
const SHIFT_TARGET = 9u;
const SHIFT_BASE = 10u;
const SHIFT_CHAT = 11u;
const SHIFT_TAU = 12u;
const SHIFT_SIGMA = 13u;
// Elements with τ ≠ 0 by |τ|: histogramBinOf.
const HISTOGRAM = 16u;
const HISTOGRAM_BINS = 128u;
const VECTOR_WORDS = 144u;

// Then of each pair of vectors v < w, in the order (0,1), (0,2), …, (1,2), …: Σ τv·τw, Σ σv·τw, Σ σw·τv in f32; unused.
const PAIR_SUMS = 3u;
const PAIR_WORDS = 4u;

fn tileWords(vectorCount: u32) -> u32 {
  return TILE_HEADER_WORDS + VECTOR_WORDS * vectorCount + PAIR_WORDS * (vectorCount * (vectorCount - 1u) / 2u);
}

fn tileGroups() -> u32 {
  return workgroupSize * groupsPerInvocation;
}

// Where a tile's words start.
fn tileOffset(partialsOffset: u32, vectorCount: u32, tile: u32) -> u32 {
  return partialsOffset + tile * tileWords(vectorCount);
}

fn vectorOffset(v: u32) -> u32 {
  return TILE_HEADER_WORDS + v * VECTOR_WORDS;
}

// Bins of the magnitudes of f32 (their bits) → 0 … 127, two an octave from 2^-48 on.
fn histogramBins(magnitudes: vec4i) -> vec4u {
  return vec4u(clamp(magnitudes >> vec4u(22u), vec4i(158), vec4i(285)) - vec4i(158));
}
