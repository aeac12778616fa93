// The groups that merge.wgsl deferred: elements whose operands are all tiny, very large, infinite or NaN, or that
// overflow in the output's dtype. Same inputs, same result to the same contract; overwrites those groups and counts new
// non-finite values. Buffers and units: elements.wgsl and operation.wgsl, which precede this text together with decode.wgsl,
// scaled.wgsl and encode.wgsl.
//
// Each element's operands are scaled by the power of two that brings the largest to [2^30, 2^31), by integer work on
// their bits, so no f32 operation sees a subnormal that counts, an infinity or a NaN, and none overflows. The sum is
// rounded once, straight from the scaled value to the output's dtype. What NaN and Inf lead to is decided on bits (IEEE 754):
// NaN wins, Inf − Inf and 0 · Inf are NaN. A NaN target stays as it is, quieted.

// What an element's operands amount to when one is not finite: a set of these.
const POSITIVE_INFINITY = 1u;
const NEGATIVE_INFINITY = 2u;
const NOT_A_NUMBER = 4u;

fn nonFinite(bits: vec4u) -> vec4u {
  let magnitude = bits & magnitudeMask;
  let infinity = select(vec4u(POSITIVE_INFINITY), vec4u(NEGATIVE_INFINITY), bits >= vec4u(0x80000000u));
  let finiteOrInfinite = select(vec4u(0u), infinity, magnitude == vec4u(0x7f800000u));
  return select(finiteOrInfinite, vec4u(NOT_A_NUMBER), magnitude > vec4u(0x7f800000u));
}

fn negated(found: vec4u) -> vec4u {
  let positive = (found & vec4u(NEGATIVE_INFINITY)) >> vec4u(1u);
  let negative = (found & vec4u(POSITIVE_INFINITY)) << vec4u(1u);
  return (found & vec4u(NOT_A_NUMBER)) | positive | negative;
}

// Infinities of both signs, or a NaN.
fn isNan(found: vec4u) -> vec4<bool> {
  return found >= vec4u(POSITIVE_INFINITY | NEGATIVE_INFINITY);
}

// What scale · (chat − base) amounts to; both infinities stand for NaN.
fn nonFiniteVector(chat: vec4u, base: vec4u, scaleBits: u32) -> vec4u {
  let found = nonFinite(chat) | negated(nonFinite(base));
  if ((scaleBits & 0x7fffffffu) == 0u) {
    return select(vec4u(0u), vec4u(NOT_A_NUMBER), found != vec4u(0u));
  }
  if (scaleBits >= 0x80000000u) {
    return negated(found);
  }
  return found;
}

// The even or the odd elements of a group, as f32 bits.
fn decodeHalf(dtype: u32, block: u32, group: u32, odd: bool) -> vec4u {
  let elements = decodeGroup(dtype, block, group);
  return select(elements.even, elements.odd, odd);
}

fn chatHalf(v: u32, group: u32, odd: bool) -> vec4u {
  let vector = operation.vectors[v];
  return decodeHalf(vector.dtypes & 0xffu, vector.chatBlock, group, odd);
}

fn baseHalf(v: u32, group: u32, odd: bool) -> vec4u {
  let vector = operation.vectors[v];
  return decodeHalf(vector.dtypes >> 8u, vector.baseBlock, group, odd);
}

// For each element the shift that brings its largest operand to [2^30, 2^31). What λ = 0 multiplies does not count.
fn shiftOf(kept: vec4u, group: u32, odd: bool) -> vec4i {
  var largest = kept & magnitudeMask;
  for (var v = 0u; v < operation.vectorCount; v++) {
    if ((operation.vectors[v].scaleBits & 0x7fffffffu) != 0u) {
      largest = max(largest, chatHalf(v, group, odd) & magnitudeMask);
      largest = max(largest, baseHalf(v, group, odd) & magnitudeMask);
    }
  }
  return vec4i(157) - normalize(largest).exponent;
}

// → bits of the output's dtype.
fn mergeHalf(kept: vec4u, group: u32, odd: bool) -> vec4u {
  let dtype = operation.outputDtype;
  let shift = shiftOf(kept, group, odd);
  var value = scaled(kept, shift);
  var found = nonFinite(kept);
  if (operation.vectorCount > 0u) {
    var sum = vec4f(0.0);
    for (var v = 0u; v < operation.vectorCount; v++) {
      let scaleBits = operation.vectors[v].scaleBits;
      let chat = chatHalf(v, group, odd);
      let base = baseHalf(v, group, odd);
      if ((scaleBits & 0x7fffffffu) != 0u) {
        sum += bitcast<f32>(scaleBits) * (scaled(chat, shift) - scaled(base, shift));
      }
      found |= nonFiniteVector(chat, base, scaleBits);
    }
    value += sum;
  }
  let finite = encodeScaled(dtype, bitcast<vec4u>(value), shift);
  let infinite = vec4u(infinityBits(dtype)) | signBit(dtype, (found & vec4u(NEGATIVE_INFINITY)) << vec4u(30u));
  let keptIsNan = (kept & magnitudeMask) > vec4u(0x7f800000u);
  let nan = encodeNan(dtype, select(vec4u(0x7fc00000u), kept, keptIsNan));
  return select(select(finite, infinite, found != vec4u(0u)), nan, isNan(found));
}

// Elements of the tensor (not of the padding behind it) that are not finite and whose targets are. `first`: index of lane 0,
// lanes being every other element.
fn newNonFinite(merged: vec4u, kept: vec4u, first: u32) -> u32 {
  let infinity = vec4u(infinityBits(operation.outputDtype));
  let isElement = (vec4u(first) + vec4u(0u, 2u, 4u, 6u)) < vec4u(operation.elementCount);
  let isNew = ((merged & infinity) == infinity) & ((kept & magnitudeMask) < vec4u(0x7f800000u)) & isElement;
  return dot(select(vec4u(0u), vec4u(1u), isNew), vec4u(1u));
}

@compute @workgroup_size(64)
fn mergeCarefully(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let deferredCount = atomicLoad(&counters[operation.index].deferred);
  var count = 0u;
  for (var i = id.x; i < deferredCount; i += workgroups.x * 64u) {
    let group = deferredGroups[operation.outputBlock + i];
    let kept = decodeGroup(operation.targetDtype, operation.targetBlock, group);
    let merged = Group(mergeHalf(kept.even, group, false), mergeHalf(kept.odd, group, true));
    storeGroup(operation.outputDtype, group, merged);
    count += newNonFinite(merged.even, kept.even, 8u * group);
    count += newNonFinite(merged.odd, kept.odd, 8u * group + 1u);
  }
  if (count > 0u) {
    atomicAdd(&counters[operation.index].newNonFinite, count);
  }
}
