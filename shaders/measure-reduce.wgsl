// Adds up what the invocations of a workgroup have found, in a fixed order. Two steps instead of a tree: a barrier is what costs.

// What one invocation adds in the first step.
const REDUCE_COUNT = 16u;

// Word w of invocation i at w · workgroupSize + i: f32 bits, but for MAXIMUM all sums.
var<workgroup> staged: array<u32, REDUCED_WORDS * workgroupSize>;
var<workgroup> halfReduced: array<u32, REDUCED_WORDS * (workgroupSize / REDUCE_COUNT)>;

fn stage(word: u32, invocation: u32, bits: u32) {
  staged[word * workgroupSize + invocation] = bits;
}

// What an invocation adds up of one vector.
struct Sums {
  squaredTarget: f32,
  squaredBase: f32,
  squaredChat: f32,
  squaredTau: f32,
  squaredSigma: f32,
  targetTau: f32,
  sigmaTau: f32,
  absoluteTau: f32,
  // Bits of the greatest |τ|.
  greatestTau: i32,
}

fn stageSums(invocation: u32, sums: Sums) {
  stage(SUM_TARGET, invocation, bitcast<u32>(sums.squaredTarget));
  stage(SUM_BASE, invocation, bitcast<u32>(sums.squaredBase));
  stage(SUM_CHAT, invocation, bitcast<u32>(sums.squaredChat));
  stage(SUM_VECTOR, invocation, bitcast<u32>(sums.squaredTau));
  stage(SUM_SHIFT, invocation, bitcast<u32>(sums.squaredSigma));
  stage(SUM_TARGET_VECTOR, invocation, bitcast<u32>(sums.targetTau));
  stage(SUM_SHIFT_VECTOR, invocation, bitcast<u32>(sums.sigmaTau));
  stage(SUM_ABSOLUTE, invocation, bitcast<u32>(sums.absoluteTau));
  stage(MAXIMUM, invocation, bitcast<u32>(sums.greatestTau));
}

fn stagePair(invocation: u32, sums: vec3f) {
  stage(0u, invocation, bitcast<u32>(sums.x));
  stage(1u, invocation, bitcast<u32>(sums.y));
  stage(2u, invocation, bitcast<u32>(sums.z));
}

fn greatest(magnitudes: vec4i) -> i32 {
  return max(max(magnitudes.x, magnitudes.y), max(magnitudes.z, magnitudes.w));
}

fn combine(word: u32, a: u32, b: u32) -> u32 {
  return select(bitcast<u32>(bitcast<f32>(a) + bitcast<f32>(b)), max(a, b), word == MAXIMUM);
}

// After a barrier behind the staging; before the one ahead of `reduced`.
fn reduceHalf(invocation: u32, wordCount: u32) {
  let lanes = workgroupSize / REDUCE_COUNT;
  if (invocation >= wordCount * lanes) {
    return;
  }
  let word = invocation / lanes;
  let first = word * workgroupSize + invocation % lanes;
  var result = staged[first];
  for (var i = 1u; i < REDUCE_COUNT; i++) {
    result = combine(word, result, staged[first + i * lanes]);
  }
  halfReduced[invocation] = result;
}

fn reduced(word: u32) -> u32 {
  let lanes = workgroupSize / REDUCE_COUNT;
  var result = halfReduced[word * lanes];
  for (var lane = 1u; lane < lanes; lane++) {
    result = combine(word, result, halfReduced[word * lanes + lane]);
  }
  return result;
}
