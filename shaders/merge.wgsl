// merged[i] = target[i] + Σ scale · (chat[i] − base[i]) in f32, vectors in recipe order, rounded once to the output's dtype.
// Source: Chat Vector (arXiv 2310.04799), eq. 1–2. Buffers and units: elements.wgsl and operation.wgsl, which precede
// this text together with decode.wgsl and encode.wgsl.
//
// This kernel is for calm elements: all operands zero, or the largest one in [2^-30, 2^90). There f32 arithmetic neither
// overflows (14 · 2 · 2^32 · 2^90 < 2^128) nor loses anything that counts when an implementation flushes subnormals
// (14 · 3 · 2^32 · 2^-126 is far below the contract's 2^-22 · 2^-32 · 2^-30). It defers to merge-careful.wgsl, which overwrites
// them: groups with any other element, or with an overflow to infinity in F16, and all groups where a λ is 0 (what
// that multiplies says nothing about the size of the sum). Two kernels, because SwiftShader executes both sides of a
// branch: in one, everything ran five times slower.
//
// Invocations stride over the groups of eight elements, so that any number of workgroups will do.

// Fixed when the pipeline is made. ANY_DTYPE: read from the operation (vectors of different dtypes).
override targetDtype: u32 = ANY_DTYPE;
override chatDtype: u32 = ANY_DTYPE;
override baseDtype: u32 = ANY_DTYPE;
override outputDtype: u32 = ANY_DTYPE;
// 0: only conversion to the output's dtype; 1: one vector; 2: any number. A loop over one vector costs SwiftShader half
// of its speed.
override vectorMode: u32 = 2u;

// Vector v's scale · (chat − base) for one group, and the largest magnitude (f32 bits) of the operands seen so far.
struct Step {
  even: vec4f,
  odd: vec4f,
  largestEven: vec4i,
  largestOdd: vec4i,
}

fn magnitude(bits: vec4u) -> vec4i {
  return vec4i(bits & magnitudeMask);
}

fn vectorStep(v: u32, group: u32, largestEven: vec4i, largestOdd: vec4i) -> Step {
  let vector = operation.vectors[v];
  let scale = bitcast<f32>(vector.scaleBits);
  let chat = decodeGroup(known(chatDtype, vector.dtypes & 0xffu), vector.chatBlock, group);
  let base = decodeGroup(known(baseDtype, vector.dtypes >> 8u), vector.baseBlock, group);
  return Step(
    scale * (bitcast<vec4f>(chat.even) - bitcast<vec4f>(base.even)),
    scale * (bitcast<vec4f>(chat.odd) - bitcast<vec4f>(base.odd)),
    max(largestEven, max(magnitude(chat.even), magnitude(base.even))),
    max(largestOdd, max(magnitude(chat.odd), magnitude(base.odd))),
  );
}

fn isCalm(largest: vec4i) -> bool {
  let above = largest - vec4i(97 << 23u);
  return all(((above >= vec4i(0)) & (above < vec4i(120 << 23u))) | (largest == vec4i(0)));
}

// In encoded F16.
fn hasInfinity(bits: Group) -> bool {
  let exponents = vec4u(0x7c00u);
  return any(((bits.even & exponents) == exponents) | ((bits.odd & exponents) == exponents));
}

@compute @workgroup_size(256)
fn merge(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let groupCount = (operation.elementCount + 7u) / 8u;
  let targetKind = known(targetDtype, operation.targetDtype);
  let outputKind = known(outputDtype, operation.outputDtype);
  for (var group = id.x; group < groupCount; group += workgroups.x * 256u) {
    let kept = decodeGroup(targetKind, operation.targetBlock, group);
    var merged = kept;
    var largestEven = magnitude(kept.even);
    var largestOdd = magnitude(kept.odd);
    if (vectorMode != 0u) {
      let first = vectorStep(0u, group, largestEven, largestOdd);
      var even = first.even;
      var odd = first.odd;
      largestEven = first.largestEven;
      largestOdd = first.largestOdd;
      if (vectorMode == 2u) {
        for (var v = 1u; v < operation.vectorCount; v++) {
          let next = vectorStep(v, group, largestEven, largestOdd);
          even += next.even;
          odd += next.odd;
          largestEven = next.largestEven;
          largestOdd = next.largestOdd;
        }
      }
      merged.even = bitcast<vec4u>(bitcast<vec4f>(kept.even) + even);
      merged.odd = bitcast<vec4u>(bitcast<vec4f>(kept.odd) + odd);
    }
    let encoded = Group(encode(outputKind, merged.even), encode(outputKind, merged.odd));
    storeGroup(outputKind, group, encoded);

    var isDeferred = operation.isDeferred != 0u || !(isCalm(largestEven) && isCalm(largestOdd));
    if (outputKind == F16) {
      isDeferred = isDeferred || hasInfinity(encoded);
    }
    if (isDeferred) {
      deferredGroups[operation.outputBlock + atomicAdd(&counters[operation.index].deferred, 1u)] = group;
    }
  }
}
