// One pass over target, chat and base: the sums of each vector, its greatest |τ| and its histogram, tile by tile.
// Twin: src-core/reference/measure.ts. Layout and units: measure-operation.wgsl; elements.wgsl, decode.wgsl and
// measure-reduce.wgsl precede this text as well.
//
// This kernel is for calm tiles: every operand is finite and below 2^50, and each of target, base, chat, τ and σ is either 0
// throughout or reaches 2^-40 (2^-80 in its sum of squares). There the squares do not overflow f32, and all that an implementation
// may flush (products below 2^-126, of at most 2^15 elements) is nothing beside the sum. All other tiles, and one
// that ends within a group, it leaves to measure-careful.wgsl, which overwrites their words: so no mask is needed here.

// Fixed when the pipeline is made. ANY_DTYPE: read from the operation (vectors of different dtypes).
override targetDtype: u32 = ANY_DTYPE;
override chatDtype: u32 = ANY_DTYPE;
override baseDtype: u32 = ANY_DTYPE;
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

var<workgroup> histogram: array<atomic<u32>, HISTOGRAM_BINS * 8u>;
// What the invocations found of the five quantities, from bit 0 on target, base, chat, τ, σ: large enough; from bit 8: not
// zero throughout. Bit 16: an operand that is too large or not finite.
var<workgroup> found: atomic<u32>;
const FOUND_NONZERO = 8u;
const FOUND_HUGE = 16u;

// What an invocation finds in its part of a tile.
struct Finding {
  sums: Sums,
  // Bits of the greatest magnitudes.
  greatestTarget: u32,
  greatestBase: u32,
  greatestChat: u32,
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
  (*finding).sums.absoluteTau += dot(abs(tau), vec4f(1.0));
  (*finding).greatestBase = max((*finding).greatestBase, greatest(baseBits & magnitudeMask));
  (*finding).greatestChat = max((*finding).greatestChat, greatest(chatBits & magnitudeMask));
  if (targetDtype != NO_TARGET) {
    let kept = bitcast<vec4f>(targetBits);
    let sigma = kept - base;
    (*finding).sums.squaredTarget += dot(kept, kept);
    (*finding).sums.squaredSigma += dot(sigma, sigma);
    (*finding).sums.targetTau += dot(kept, tau);
    (*finding).sums.sigmaTau += dot(sigma, tau);
    (*finding).greatestTarget = max((*finding).greatestTarget, greatest(targetBits & magnitudeMask));
    (*finding).sigmaBits |= anyBits(targetBits ^ baseBits);
  }

  let magnitudes = bitcast<vec4u>(tau) & magnitudeMask;
  (*finding).sums.greatestTau = max((*finding).sums.greatestTau, greatest(magnitudes));
  let different = chatBits ^ baseBits;
  (*finding).tauBits |= anyBits(different);
  // On bits: a difference of subnormals may have been flushed.
  let nonzero = min(different, (chatBits | baseBits) << vec4u(1u));
  let bins = histogramBins(magnitudes) * vec4u(histogramCopies) + vec4u(copy);
  for (var lane = 0u; lane < 4u; lane++) {
    if (nonzero[lane] != 0u) {
      atomicAdd(&histogram[bins[lane]], 1u);
    }
  }
}

fn addTile(v: u32, tile: u32, invocation: u32) -> Finding {
  let vector = operation.vectors[v];
  let targetKind = known(targetDtype, operation.targetDtype);
  let chatKind = known(chatDtype, vector.dtypes & 0xffu);
  let baseKind = known(baseDtype, vector.dtypes >> 8u);
  let copy = invocation & (histogramCopies - 1u);
  let groupCount = (operation.elementCount + 7u) / 8u;
  let end = min((tile + 1u) * tileGroups(), groupCount);
  var finding: Finding;
  for (var group = tile * tileGroups() + invocation; group < end; group += MEASURE_WORKGROUP) {
    var kept: Group;
    if (targetDtype != NO_TARGET) {
      kept = decodeGroup(targetKind, operation.targetBlock, group);
    }
    let chat = decodeGroup(chatKind, vector.chatBlock, group);
    let base = decodeGroup(baseKind, vector.baseBlock, group);
    addElements(&finding, kept.even, chat.even, base.even, copy);
    addElements(&finding, kept.odd, chat.odd, base.odd, copy);
  }
  return finding;
}

// One bit, `position` places up.
fn flag(isSet: bool, position: u32) -> u32 {
  return select(0u, 1u, isSet) << position;
}

fn flagsOf(finding: Finding) -> u32 {
  // 2^-40, 2^-80 and 2^50.
  let least = 87u << 23u;
  let leastSquare = 0x1p-80f;
  let huge = 177u << 23u;
  let operands = vec3u(finding.greatestTarget, finding.greatestBase, finding.greatestChat);
  let large = flag(operands.x >= least, 0u) | flag(operands.y >= least, 1u) | flag(operands.z >= least, 2u)
    | flag(finding.sums.greatestTau >= least, 3u) | flag(finding.sums.squaredSigma >= leastSquare, 4u);
  let nonzero = flag(operands.x != 0u, 0u) | flag(operands.y != 0u, 1u) | flag(operands.z != 0u, 2u)
    | flag(finding.tauBits != 0u, 3u) | flag(finding.sigmaBits != 0u, 4u);
  let isHuge = max(max(operands.x, operands.y), operands.z) >= huge;
  return large | (nonzero << FOUND_NONZERO) | flag(isHuge, FOUND_HUGE);
}

fn isCalm(flags: u32) -> bool {
  return (flags >> FOUND_HUGE) == 0u && ((flags >> FOUND_NONZERO) & ~flags & 31u) == 0u;
}

// One bin of all copies, which it leaves empty.
fn takeBin(bin: u32) -> u32 {
  var count = 0u;
  for (var copy = 0u; copy < histogramCopies; copy++) {
    count += atomicExchange(&histogram[bin * histogramCopies + copy], 0u);
  }
  return count;
}

@compute @workgroup_size(256)
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
      atomicOr(&found, flagsOf(finding));
      workgroupBarrier();

      reduceHalf(invocation, REDUCED_WORDS);
      if (invocation < HISTOGRAM_BINS) {
        partials[words + vectorOffset(v) + HISTOGRAM + invocation] = takeBin(invocation);
      }
      if (invocation == MEASURE_WORKGROUP - 1u) {
        allCalm = isCalm(atomicExchange(&found, 0u)) && allCalm;
      }
      workgroupBarrier();

      if (invocation < REDUCED_WORDS) {
        partials[words + vectorOffset(v) + invocation] = reduced(invocation);
      } else if (invocation < HISTOGRAM) {
        partials[words + vectorOffset(v) + invocation] = 0u;
      }
    }
    if (invocation == MEASURE_WORKGROUP - 1u && !allCalm) {
      deferred.tiles[atomicAdd(&deferred.count, 1u)] = vec2u(operation.index, tile);
    }
    if (invocation < TILE_HEADER_WORDS) {
      partials[words + invocation] = 0u;
    }
  }
}
