// f32 values times powers of two, by integer work on their bits: no f32 operation sees a subnormal, and none overflows.

// Finite, nonzero magnitudes as an f32 with a hidden bit: subnormals become the integer mantissa, 2^149 times larger.
struct Normalized {
  bits: vec4u,
  exponent: vec4i,
}

fn normalize(magnitude: vec4u) -> Normalized {
  let isSubnormal = magnitude < vec4u(0x800000u);
  let bits = select(magnitude, bitcast<vec4u>(vec4f(magnitude)), isSubnormal);
  return Normalized(bits, vec4i(bits >> vec4u(23u)) - select(vec4i(0), vec4i(149), isSubnormal));
}

// f32 bits of finite values → the values · 2^shift; what falls below f32's normal range is zero.
fn scaled(bits: vec4u, shift: vec4i) -> vec4f {
  let magnitude = bits & magnitudeMask;
  let normalized = normalize(magnitude);
  let exponent = normalized.exponent + shift;
  let moved = (vec4u(clamp(exponent, vec4i(0), vec4i(254))) << vec4u(23u)) | (normalized.bits & vec4u(0x7fffffu));
  let isZero = (exponent < vec4i(1)) | (magnitude == vec4u(0u));
  return bitcast<vec4f>((bits & vec4u(0x80000000u)) | select(moved, vec4u(0u), isZero));
}
