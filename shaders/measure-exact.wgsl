// What measure-careful.wgsl loads and forms: elements that count, and differences that are right whatever the size of the elements.
// elements.wgsl, decode.wgsl, scaled.wgsl and measure-operation.wgsl precede this text.

@group(0) @binding(3) var<storage, read> operations: array<MeasureOperation>;

// Bit i for element i of a group.
const evenBits = vec4u(1u, 4u, 16u, 64u);
const oddBits = vec4u(2u, 8u, 32u, 128u);

// The elements that count of an invocation's groups: one bit each, four groups in a word; room for 32 steps.
alias Kept = array<u32, 8>;

fn keptBits(kept: ptr<function, Kept>, step: u32) -> u32 {
  return ((*kept)[step / 4u] >> (8u * (step % 4u))) & 0xffu;
}

fn isOdd(half: u32) -> bool {
  return half == 1u;
}

// The even (0) or the odd (1) elements of a group; 0 for those that do not count.
fn loadHalf(dtype: u32, block: u32, group: u32, keepBits: u32, half: u32) -> vec4u {
  let elements = decodeGroup(dtype, block, group);
  let bits = select(elements.even, elements.odd, isOdd(half));
  let places = select(evenBits, oddBits, isOdd(half));
  return select(vec4u(0u), bits, (vec4u(keepBits) & places) != vec4u(0u));
}

fn targetHalf(op: u32, group: u32, keepBits: u32, half: u32) -> vec4u {
  if (operations[op].targetDtype == NO_TARGET) {
    return vec4u(0u);
  }
  return loadHalf(operations[op].targetDtype, operations[op].targetBlock, group, keepBits, half);
}

fn chatHalf(op: u32, v: u32, group: u32, keepBits: u32, half: u32) -> vec4u {
  let vector = operations[op].vectors[v];
  return loadHalf(vector.dtypes & 0xffu, vector.chatBlock, group, keepBits, half);
}

fn baseHalf(op: u32, v: u32, group: u32, keepBits: u32, half: u32) -> vec4u {
  let vector = operations[op].vectors[v];
  return loadHalf(vector.dtypes >> 8u, vector.baseBlock, group, keepBits, half);
}

// A difference of f32 values: `value` · 2^-shift.
struct Difference {
  value: vec4f,
  shift: vec4i,
}

fn difference(minuend: vec4u, subtrahend: vec4u) -> Difference {
  let largest = max(minuend & magnitudeMask, subtrahend & magnitudeMask);
  let shift = vec4i(157) - normalize(largest).exponent;
  return Difference(scaled(minuend, shift) - scaled(subtrahend, shift), shift);
}

// σ; 0 without a target.
fn targetShift(op: u32, targetBits: vec4u, baseBits: vec4u) -> Difference {
  if (operations[op].targetDtype == NO_TARGET) {
    return Difference(vec4f(0.0), vec4i(0));
  }
  return difference(targetBits, baseBits);
}

fn differenceExponents(found: Difference) -> vec4i {
  return vec4i((bitcast<vec4u>(found.value) & magnitudeMask) >> vec4u(23u)) - found.shift;
}

fn scaledDifference(found: Difference, shift: i32) -> vec4f {
  return scaled(bitcast<vec4u>(found.value), vec4i(shift) - found.shift);
}
