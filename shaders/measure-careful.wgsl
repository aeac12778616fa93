// The tiles that measure.wgsl deferred: with values that are not finite, tiny throughout, very large, or that end within a group.
// Overwrites all of their words, pairs included. Twin: src-core/reference/measure.ts. Layout and units: measure-operation.wgsl;
// elements.wgsl, decode.wgsl, scaled.wgsl, measure-reduce.wgsl and measure-exact.wgsl precede this text as well.
//
// An element that is not finite in any model is left out of everything. τ and σ of an element are formed with its operands
// scaled to [2^30, 2^31), so that they are right to f32's 24 bits whatever their size. Each quantity is then multiplied by the
// power of two that brings the tile's greatest to [1, 2): neither a square nor a sum overflows, and what is flushed is nothing beside it.
// The CPU undoes the powers in float64.

struct DeferredTiles {
  count: u32,
  // Operation and tile.
  @size(8) unused: u32,
  tiles: array<vec2u>,
}

@group(0) @binding(1) var<storage, read_write> partials: array<u32>;
@group(0) @binding(2) var<storage, read> deferred: DeferredTiles;

var<workgroup> histogram: array<atomic<u32>, HISTOGRAM_BINS>;
var<workgroup> nonFiniteCount: atomic<u32>;
var<workgroup> firstNonFinite: atomic<u32>;
// Greatest biased exponents, as in f32 but without bounds: the target's, then of each vector base, chat, τ, σ.
var<workgroup> exponents: array<atomic<i32>, QUANTITIES>;
const QUANTITIES = 1u + 4u * 14u;
// Below every f32's.
const NO_EXPONENT = -1024;

fn ofBase(v: u32) -> u32 {
  return 1u + 4u * v;
}

fn ofChat(v: u32) -> u32 {
  return 2u + 4u * v;
}

fn ofTau(v: u32) -> u32 {
  return 3u + 4u * v;
}

fn ofSigma(v: u32) -> u32 {
  return 4u + 4u * v;
}

// What an invocation works on.
struct Work {
  invocation: u32,
  // The tile's first group, and the end of its groups.
  firstGroup: u32,
  endGroup: u32,
}

fn nonFiniteBits(dtype: u32, block: u32, group: u32) -> u32 {
  let elements = decodeGroup(dtype, block, group);
  let infinity = vec4u(0x7f800000u);
  return dot(select(vec4u(0u), evenBits, (elements.even & infinity) == infinity), vec4u(1u))
    | dot(select(vec4u(0u), oddBits, (elements.odd & infinity) == infinity), vec4u(1u));
}

// Those of a group's elements that are not finite in one operand; notes the first.
fn findNonFinite(operand: u32, dtype: u32, block: u32, group: u32, elementBits: u32, groupInTile: u32) -> u32 {
  let bits = nonFiniteBits(dtype, block, group) & elementBits;
  if (bits != 0u) {
    atomicMin(&firstNonFinite, ((8u * groupInTile + firstTrailingBit(bits)) << 5u) | operand);
  }
  return bits;
}

// Which elements count: those of the tensor, finite in every model. Counts the others and notes the first.
fn findKept(op: u32, work: Work) -> Kept {
  let measured = &operations[op];
  var kept: Kept;
  for (var step = 0u; step < groupsPerInvocation; step++) {
    let groupInTile = work.invocation + step * workgroupSize;
    let group = work.firstGroup + groupInTile;
    if (group >= work.endGroup) {
      break;
    }
    let elementBits = (1u << min((*measured).elementCount - 8u * group, 8u)) - 1u;
    var lost = 0u;
    if ((*measured).targetDtype != NO_TARGET) {
      lost = findNonFinite(0u, (*measured).targetDtype, (*measured).targetBlock, group, elementBits, groupInTile);
    }
    for (var v = 0u; v < (*measured).vectorCount; v++) {
      let vector = (*measured).vectors[v];
      lost |= findNonFinite(1u + 2u * v, vector.dtypes & 0xffu, vector.chatBlock, group, elementBits, groupInTile);
      lost |= findNonFinite(2u + 2u * v, vector.dtypes >> 8u, vector.baseBlock, group, elementBits, groupInTile);
    }
    kept[step / 4u] |= (elementBits & ~lost) << (8u * (step % 4u));
    if (lost != 0u) {
      atomicAdd(&nonFiniteCount, countOneBits(lost));
    }
  }
  return kept;
}

// Takes the greatest exponent of the values that are not 0.
fn noteExponents(quantity: u32, candidates: vec4i, isNonzero: vec4<bool>) {
  let present = select(vec4i(NO_EXPONENT), candidates, isNonzero);
  let greatest = max(max(present.x, present.y), max(present.z, present.w));
  if (greatest > NO_EXPONENT) {
    atomicMax(&exponents[quantity], greatest);
  }
}

fn noteOperand(quantity: u32, bits: vec4u) {
  let magnitude = bits & magnitudeMask;
  noteExponents(quantity, normalize(magnitude).exponent, magnitude != vec4u(0u));
}

fn noteDifference(quantity: u32, found: Difference) {
  let magnitude = bitcast<vec4u>(found.value) & magnitudeMask;
  noteExponents(quantity, differenceExponents(found), magnitude != vec4u(0u));
}

fn findExponents(op: u32, work: Work, kept: ptr<function, Kept>) {
  for (var i = 0u; i < 2u * groupsPerInvocation; i++) {
    let step = i / 2u;
    let half = i % 2u;
    let group = work.firstGroup + work.invocation + step * workgroupSize;
    if (group >= work.endGroup) {
      break;
    }
    let keepBits = keptBits(kept, step);
    let targetBits = targetHalf(op, group, keepBits, half);
    noteOperand(0u, targetBits);
    for (var v = 0u; v < operations[op].vectorCount; v++) {
      let chat = chatHalf(op, v, group, keepBits, half);
      let base = baseHalf(op, v, group, keepBits, half);
      noteOperand(ofChat(v), chat);
      noteOperand(ofBase(v), base);
      noteDifference(ofTau(v), difference(chat, base));
      noteDifference(ofSigma(v), targetShift(op, targetBits, base));
    }
  }
}

// The power of two that a quantity is multiplied with.
fn shiftOf(quantity: u32) -> i32 {
  let exponent = atomicLoad(&exponents[quantity]);
  return select(127 - exponent, 0, exponent == NO_EXPONENT);
}

// Counts τ ≠ 0 by its own magnitude, whose exponent may be below f32's.
fn countBins(tau: Difference) {
  let magnitude = bitcast<vec4u>(tau.value) & magnitudeMask;
  let exponent = vec4u(clamp(differenceExponents(tau), vec4i(0), vec4i(255)));
  let bins = histogramBins(vec4i((exponent << vec4u(23u)) | (magnitude & vec4u(0x7fffffu))));
  for (var lane = 0u; lane < 4u; lane++) {
    if (magnitude[lane] != 0u) {
      atomicAdd(&histogram[bins[lane]], 1u);
    }
  }
}

fn addVector(op: u32, work: Work, v: u32, kept: ptr<function, Kept>) -> Sums {
  var sums: Sums;
  for (var i = 0u; i < 2u * groupsPerInvocation; i++) {
    let step = i / 2u;
    let half = i % 2u;
    let group = work.firstGroup + work.invocation + step * workgroupSize;
    if (group >= work.endGroup) {
      break;
    }
    let keepBits = keptBits(kept, step);
    let targetBits = targetHalf(op, group, keepBits, half);
    let chatBits = chatHalf(op, v, group, keepBits, half);
    let baseBits = baseHalf(op, v, group, keepBits, half);
    let exactTau = difference(chatBits, baseBits);
    countBins(exactTau);
    let targetValue = scaled(targetBits, vec4i(shiftOf(0u)));
    let chat = scaled(chatBits, vec4i(shiftOf(ofChat(v))));
    let base = scaled(baseBits, vec4i(shiftOf(ofBase(v))));
    let tau = scaledDifference(exactTau, shiftOf(ofTau(v)));
    let sigma = scaledDifference(targetShift(op, targetBits, baseBits), shiftOf(ofSigma(v)));
    sums.squaredTarget += dot(targetValue, targetValue);
    sums.squaredBase += dot(base, base);
    sums.squaredChat += dot(chat, chat);
    sums.squaredTau += dot(tau, tau);
    sums.squaredSigma += dot(sigma, sigma);
    sums.targetTau += dot(targetValue, tau);
    sums.sigmaTau += dot(sigma, tau);
    sums.absoluteTau += dot(abs(tau), vec4f(1.0));
    let magnitudes = vec4i(bitcast<vec4u>(tau) & magnitudeMask);
    sums.greatestTau = max(sums.greatestTau, greatest(magnitudes));
  }
  return sums;
}

fn addPair(op: u32, work: Work, v: u32, w: u32, kept: ptr<function, Kept>) -> vec3f {
  var sums = vec3f(0.0);
  for (var i = 0u; i < 2u * groupsPerInvocation; i++) {
    let step = i / 2u;
    let half = i % 2u;
    let group = work.firstGroup + work.invocation + step * workgroupSize;
    if (group >= work.endGroup) {
      break;
    }
    let keepBits = keptBits(kept, step);
    let targetBits = targetHalf(op, group, keepBits, half);
    let baseV = baseHalf(op, v, group, keepBits, half);
    let baseW = baseHalf(op, w, group, keepBits, half);
    let tauV = scaledDifference(difference(chatHalf(op, v, group, keepBits, half), baseV), shiftOf(ofTau(v)));
    let tauW = scaledDifference(difference(chatHalf(op, w, group, keepBits, half), baseW), shiftOf(ofTau(w)));
    let sigmaV = scaledDifference(targetShift(op, targetBits, baseV), shiftOf(ofSigma(v)));
    let sigmaW = scaledDifference(targetShift(op, targetBits, baseW), shiftOf(ofSigma(w)));
    sums += vec3f(dot(tauV, tauW), dot(sigmaV, tauW), dot(sigmaW, tauV));
  }
  return sums;
}

fn writeShifts(v: u32, words: u32) {
  partials[words + SHIFT_TARGET] = bitcast<u32>(shiftOf(0u));
  partials[words + SHIFT_BASE] = bitcast<u32>(shiftOf(ofBase(v)));
  partials[words + SHIFT_CHAT] = bitcast<u32>(shiftOf(ofChat(v)));
  partials[words + SHIFT_TAU] = bitcast<u32>(shiftOf(ofTau(v)));
  partials[words + SHIFT_SIGMA] = bitcast<u32>(shiftOf(ofSigma(v)));
}

fn measureVectors(op: u32, work: Work, words: u32, kept: ptr<function, Kept>) {
  for (var v = 0u; v < operations[op].vectorCount; v++) {
    let vectorWords = words + vectorOffset(v);
    stageSums(work.invocation, addVector(op, work, v, kept));
    workgroupBarrier();
    reduceHalf(work.invocation, REDUCED_WORDS);
    for (var bin = work.invocation; bin < HISTOGRAM_BINS; bin += workgroupSize) {
      partials[vectorWords + HISTOGRAM + bin] = atomicExchange(&histogram[bin], 0u);
    }
    workgroupBarrier();
    if (work.invocation < REDUCED_WORDS) {
      partials[vectorWords + work.invocation] = reduced(work.invocation);
    }
    if (work.invocation == REDUCED_WORDS) {
      writeShifts(v, vectorWords);
    }
  }
}

fn measurePairs(op: u32, work: Work, words: u32, kept: ptr<function, Kept>) {
  let vectorCount = operations[op].vectorCount;
  var pairWords = words + vectorOffset(vectorCount);
  for (var v = 0u; v < vectorCount; v++) {
    for (var w = v + 1u; w < vectorCount; w++) {
      let sums = addPair(op, work, v, w, kept);
      stagePair(work.invocation, sums);
      workgroupBarrier();
      reduceHalf(work.invocation, PAIR_SUMS);
      workgroupBarrier();
      if (work.invocation < PAIR_SUMS) {
        partials[pairWords + work.invocation] = reduced(work.invocation);
      }
      pairWords += PAIR_WORDS;
    }
  }
}

@compute @workgroup_size(workgroupSize)
fn measureCarefully(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) invocation: u32,
) {
  for (var at = workgroup.x; at < deferred.count; at += workgroups.x) {
    let index = deferred.tiles[at].x;
    let tile = deferred.tiles[at].y;
    let groupCount = (operations[index].elementCount + 7u) / 8u;
    let firstGroup = tile * tileGroups();
    let work = Work(invocation, firstGroup, min(firstGroup + tileGroups(), groupCount));
    let words = tileOffset(operations[index].partialsOffset, operations[index].vectorCount, tile);

    for (var quantity = invocation; quantity < QUANTITIES; quantity += workgroupSize) {
      atomicStore(&exponents[quantity], NO_EXPONENT);
    }
    if (invocation == 0u) {
      atomicStore(&nonFiniteCount, 0u);
      atomicStore(&firstNonFinite, 0xffffffffu);
    }
    workgroupBarrier();
    var kept = findKept(index, work);
    findExponents(index, work, &kept);
    workgroupBarrier();
    measureVectors(index, work, words, &kept);
    measurePairs(index, work, words, &kept);
    if (invocation == 0u) {
      partials[words + NON_FINITE_COUNT] = atomicLoad(&nonFiniteCount);
      partials[words + FIRST_NON_FINITE] = atomicLoad(&firstNonFinite);
    }
    workgroupBarrier();
  }
}
