// One pass over target, chat and base: the sums of each vector, its greatest |τ| and its histogram, tile by tile.
// Twin: src-core/reference/measure.ts. Layout and units: measure-operation.wgsl; elements.wgsl, decode.wgsl and
// measure-reduce.wgsl precede this text as well.
//
// This kernel is for calm tiles: target, base and chat reach 2^-80 in their sums of squares, τ and σ do or are 0 throughout, and
// every operand is finite and below 2^50. There the squares do not overflow f32, and all that an implementation may flush
// (products below 2^-126, of at most 2^13 elements) is nothing beside the sum. What is not finite shows in the sums of squares, which
// are looked at as bits. All other tiles, and one that ends within a group, it leaves to measure-careful.wgsl, which
// overwrites their words: so no mask is needed here.

// Fixed when the pipeline is made. F32, F16, BF16 or NO_TARGET; of all chats and bases, or ANY_DTYPE where they differ.
override targetDtype: u32 = F32;
override vectorDtype: u32 = ANY_DTYPE;
// Histograms of a workgroup that its invocations share out, a power of two up to 8: fewer add to the same word at once.
override histogramCopies: u32 = 8u;

struct DeferredTiles {
  count: atomic<u32>,
  // Operation and tile.
  @size(8) unused: u32,
  tiles: array<vec2u>,
}

@group(0) @binding(1) var<storage, read_write> partials: array<u32>;
@group(0) @binding(2) var<storage, read_write> deferred: DeferredTiles;
@group(0) @binding(3) var<uniform> operation: MeasureOperation;

var<workgroup> histogram: array<atomic<u32>, HISTOGRAM_BINS * histogramCopies>;
// What the invocations found, a set of these: sums of squares that are large enough, differences that are not 0, and sums that are
// too large or not finite.
const LARGE_TARGET = 1u;
const LARGE_BASE = 2u;
const LARGE_CHAT = 4u;
const LARGE_TAU = 8u;
const LARGE_SIGMA = 16u;
const NONZERO_TAU = 32u;
const NONZERO_SIGMA = 64u;
const HUGE = 128u;
var<workgroup> found: atomic<u32>;

// What an invocation finds in its part of a tile.
struct Finding {
  sums: Sums,
  // Bits in which chat, or the target, differs from base. (0 and −0 differ; that only sends a tile the careful way.)
  tauBits: u32,
  sigmaBits: u32,
}

fn anyBits(bits: vec4u) -> u32 {
  return bits.x | bits.y | bits.z | bits.w;
}

// Four elements, as f32 bits.
fn addElements(finding: ptr<function, Finding>, targetBits: vec4u, chatBits: vec4u, baseBits: vec4u, copy: u32) {
  let chat = bitcast<vec4f>(chatBits);
  let base = bitcast<vec4f>(baseBits);
  let tau = chat - base;
  (*finding).sums.squaredBase += dot(base, base);
  (*finding).sums.squaredChat += dot(chat, chat);
  (*finding).sums.squaredTau += dot(tau, tau);
  if (targetDtype != NO_TARGET) {
    let kept = bitcast<vec4f>(targetBits);
    let sigma = kept - base;
    (*finding).sums.squaredTarget += dot(kept, kept);
    (*finding).sums.squaredSigma += dot(sigma, sigma);
    (*finding).sums.targetTau += dot(kept, tau);
    (*finding).sums.sigmaTau += dot(sigma, tau);
    (*finding).sigmaBits |= anyBits(targetBits ^ baseBits);
  }

  let magnitudes = bitcast<vec4u>(tau) & magnitudeMask;
  (*finding).sums.absoluteTau += dot(bitcast<vec4f>(magnitudes), vec4f(1.0));
  (*finding).sums.greatestTau = max((*finding).sums.greatestTau, greatest(vec4i(magnitudes)));
  let different = chatBits ^ baseBits;
  (*finding).tauBits |= anyBits(different);
  // On bits: a difference of subnormals may have been flushed. 0 and −0 are equal.
  let isNonzero = (different != vec4u(0u)) & (((chatBits | baseBits) & magnitudeMask) != vec4u(0u));
  let bins = histogramBins(vec4i(magnitudes)) * vec4u(histogramCopies) + vec4u(copy);
  if (isNonzero.x) {
    atomicAdd(&histogram[bins.x], 1u);
  }
  if (isNonzero.y) {
    atomicAdd(&histogram[bins.y], 1u);
  }
  if (isNonzero.z) {
    atomicAdd(&histogram[bins.z], 1u);
  }
  if (isNonzero.w) {
    atomicAdd(&histogram[bins.w], 1u);
  }
}

fn addTile(v: u32, tile: u32, invocation: u32) -> Finding {
  let vector = operation.vectors[v];
  let chatKind = known(vectorDtype, vector.dtypes & 0xffu);
  let baseKind = known(vectorDtype, vector.dtypes >> 8u);
  let copy = invocation & (histogramCopies - 1u);
  let groupCount = (operation.elementCount + 7u) / 8u;
  let end = min((tile + 1u) * tileGroups(), groupCount);
  var finding: Finding;
  for (var group = tile * tileGroups() + invocation; group < end; group += workgroupSize) {
    var kept: Group;
    if (targetDtype != NO_TARGET) {
      kept = decodeGroup(targetDtype, operation.targetBlock, group);
    }
    let chat = decodeGroup(chatKind, vector.chatBlock, group);
    let base = decodeGroup(baseKind, vector.baseBlock, group);
    addElements(&finding, kept.even, chat.even, base.even, copy);
    addElements(&finding, kept.odd, chat.odd, base.odd, copy);
  }
  return finding;
}

fn findingsOf(finding: Finding) -> u32 {
  let leastSquare = bitcast<u32>(0x1p-80f);
  let hugeSquare = bitcast<u32>(0x1p100f);
  let squaredTarget = bitcast<u32>(finding.sums.squaredTarget);
  let squaredBase = bitcast<u32>(finding.sums.squaredBase);
  let squaredChat = bitcast<u32>(finding.sums.squaredChat);
  return select(0u, LARGE_TARGET, squaredTarget >= leastSquare)
    | select(0u, LARGE_BASE, squaredBase >= leastSquare)
    | select(0u, LARGE_CHAT, squaredChat >= leastSquare)
    | select(0u, LARGE_TAU, bitcast<u32>(finding.sums.squaredTau) >= leastSquare)
    | select(0u, LARGE_SIGMA, bitcast<u32>(finding.sums.squaredSigma) >= leastSquare)
    | select(0u, NONZERO_TAU, finding.tauBits != 0u)
    | select(0u, NONZERO_SIGMA, finding.sigmaBits != 0u)
    | select(0u, HUGE, max(max(squaredTarget, squaredBase), squaredChat) >= hugeSquare);
}

fn isCalm(findings: u32) -> bool {
  let needed = LARGE_BASE | LARGE_CHAT
    | select(LARGE_TARGET, 0u, targetDtype == NO_TARGET)
    | select(0u, LARGE_TAU, (findings & NONZERO_TAU) != 0u)
    | select(0u, LARGE_SIGMA, (findings & NONZERO_SIGMA) != 0u);
  return (findings & HUGE) == 0u && (findings & needed) == needed;
}

// One bin of all copies, which it leaves empty.
fn takeBin(bin: u32) -> u32 {
  var count = 0u;
  for (var copy = 0u; copy < histogramCopies; copy++) {
    count += atomicExchange(&histogram[bin * histogramCopies + copy], 0u);
  }
  return count;
}

@compute @workgroup_size(workgroupSize)
fn measure(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) invocation: u32,
) {
  let groupCount = (operation.elementCount + 7u) / 8u;
  let tileCount = (groupCount + tileGroups() - 1u) / tileGroups();
  for (var tile = workgroup.x; tile < tileCount; tile += workgroups.x) {
    let words = tileOffset(operation.partialsOffset, operation.vectorCount, tile);
    // Only the last invocation's counts.
    var allCalm = tile + 1u < tileCount || operation.elementCount % 8u == 0u;
    for (var v = 0u; v < operation.vectorCount; v++) {
      let finding = addTile(v, tile, invocation);
      stageSums(invocation, finding.sums);
      atomicOr(&found, findingsOf(finding));
      workgroupBarrier();

      reduceHalf(invocation, REDUCED_WORDS);
      for (var bin = invocation; bin < HISTOGRAM_BINS; bin += workgroupSize) {
        partials[words + vectorOffset(v) + HISTOGRAM + bin] = takeBin(bin);
      }
      if (invocation == workgroupSize - 1u) {
        allCalm = isCalm(atomicExchange(&found, 0u)) && allCalm;
      }
      workgroupBarrier();

      if (invocation < REDUCED_WORDS) {
        partials[words + vectorOffset(v) + invocation] = reduced(invocation);
      } else if (invocation < HISTOGRAM) {
        partials[words + vectorOffset(v) + invocation] = 0u;
      }
    }
    if (invocation == workgroupSize - 1u && !allCalm) {
      deferred.tiles[atomicAdd(&deferred.count, 1u)] = vec2u(operation.index, tile);
    }
    if (invocation < TILE_HEADER_WORDS) {
      partials[words + invocation] = 0u;
    }
  }
}
