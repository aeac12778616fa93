// Adds up what the invocations of a workgroup have found, in a fixed order. Two steps instead of a tree: a barrier is what costs.

const REDUCE_LANES = 16u;

// Word w of invocation i at w · MEASURE_WORKGROUP + i: f32 bits, but for MAXIMUM all sums.
var<workgroup> staged: array<u32, REDUCED_WORDS * MEASURE_WORKGROUP>;
var<workgroup> halfReduced: array<u32, REDUCED_WORDS * REDUCE_LANES>;

fn stage(word: u32, invocation: u32, bits: u32) {
  staged[word * MEASURE_WORKGROUP + invocation] = bits;
}

fn combine(word: u32, a: u32, b: u32) -> u32 {
  return select(bitcast<u32>(bitcast<f32>(a) + bitcast<f32>(b)), max(a, b), word == MAXIMUM);
}

// After a barrier behind the staging; before the one ahead of `reduced`.
fn reduceHalf(invocation: u32, wordCount: u32) {
  if (invocation >= wordCount * REDUCE_LANES) {
    return;
  }
  let word = invocation / REDUCE_LANES;
  let first = word * MEASURE_WORKGROUP + invocation % REDUCE_LANES;
  var result = staged[first];
  for (var at = REDUCE_LANES; at < MEASURE_WORKGROUP; at += REDUCE_LANES) {
    result = combine(word, result, staged[first + at]);
  }
  halfReduced[invocation] = result;
}

fn reduced(word: u32) -> u32 {
  var result = halfReduced[word * REDUCE_LANES];
  for (var lane = 1u; lane < REDUCE_LANES; lane++) {
    result = combine(word, result, halfReduced[word * REDUCE_LANES + lane]);
  }
  return result;
}
