// What two vectors have together, tile by tile: Σ τv·τw, Σ σv·τw, Σ σw·τv. Twin: src-core/reference/measure.ts. Layout and
// units: measure-operation.wgsl; elements.wgsl, decode.wgsl and measure-reduce.wgsl precede this text as well.
//
// For the tiles that measure.wgsl takes; the words of all others are overwritten by measure-careful.wgsl.

// Fixed when the pipeline is made. F32, F16, BF16 or NO_TARGET; of all chats and bases, or ANY_DTYPE where they differ.
override targetDtype: u32 = F32;
override vectorDtype: u32 = ANY_DTYPE;

@group(0) @binding(1) var<storage, read_write> partials: array<u32>;
@group(0) @binding(3) var<uniform> operation: MeasureOperation;

struct Differences {
  tauEven: vec4f,
  tauOdd: vec4f,
  sigmaEven: vec4f,
  sigmaOdd: vec4f,
}

fn differences(v: u32, kept: Group, group: u32) -> Differences {
  let vector = operation.vectors[v];
  let chat = decodeGroup(known(vectorDtype, vector.dtypes & 0xffu), vector.chatBlock, group);
  let base = decodeGroup(known(vectorDtype, vector.dtypes >> 8u), vector.baseBlock, group);
  let baseEven = bitcast<vec4f>(base.even);
  let baseOdd = bitcast<vec4f>(base.odd);
  return Differences(
    bitcast<vec4f>(chat.even) - baseEven,
    bitcast<vec4f>(chat.odd) - baseOdd,
    bitcast<vec4f>(kept.even) - baseEven,
    bitcast<vec4f>(kept.odd) - baseOdd,
  );
}

fn addTile(v: u32, w: u32, tile: u32, invocation: u32) -> vec3f {
  let groupCount = (operation.elementCount + 7u) / 8u;
  let end = min((tile + 1u) * tileGroups(), groupCount);
  var sums = vec3f(0.0);
  for (var group = tile * tileGroups() + invocation; group < end; group += workgroupSize) {
    var kept: Group;
    if (targetDtype != NO_TARGET) {
      kept = decodeGroup(targetDtype, operation.targetBlock, group);
    }
    let first = differences(v, kept, group);
    let second = differences(w, kept, group);
    sums.x += dot(first.tauEven, second.tauEven) + dot(first.tauOdd, second.tauOdd);
    sums.y += dot(first.sigmaEven, second.tauEven) + dot(first.sigmaOdd, second.tauOdd);
    sums.z += dot(second.sigmaEven, first.tauEven) + dot(second.sigmaOdd, first.tauOdd);
  }
  return sums;
}

@compute @workgroup_size(workgroupSize)
fn measurePairs(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) invocation: u32,
) {
  let groupCount = (operation.elementCount + 7u) / 8u;
  let tileCount = (groupCount + tileGroups() - 1u) / tileGroups();
  for (var tile = workgroup.x; tile < tileCount; tile += workgroups.x) {
    var words = tileOffset(operation.partialsOffset, operation.vectorCount, tile) + vectorOffset(operation.vectorCount);
    for (var v = 0u; v < operation.vectorCount; v++) {
      for (var w = v + 1u; w < operation.vectorCount; w++) {
        let sums = addTile(v, w, tile, invocation);
        stagePair(invocation, sums);
        workgroupBarrier();
        reduceHalf(invocation, PAIR_SUMS);
        workgroupBarrier();
        if (invocation < PAIR_SUMS) {
          partials[words + invocation] = reduced(invocation);
        }
        words += PAIR_WORDS;
      }
    }
  }
}
