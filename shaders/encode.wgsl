// f32 bits → bits of the output's dtype in the low bits of each lane, rounded once, to nearest, ties to even. Integer
// work: pack2x16float has no rounding mode, and a subnormal result would be flushed.

// For finite f32 values below 2^127 in magnitude, which may be taken as zero when subnormal.
fn encode(dtype: u32, bits: vec4u) -> vec4u {
  if (dtype == F32) {
    return bits;
  }
  if (dtype == BF16) {
    return (bits + vec4u(0x7fffu) + ((bits >> vec4u(16u)) & vec4u(1u))) >> vec4u(16u);
  }
  let magnitude = bits & magnitudeMask;
  let rebiased = magnitude - vec4u(112u << 23u);
  let normal = (rebiased + vec4u(0xfffu) + ((rebiased >> vec4u(13u)) & vec4u(1u))) >> vec4u(13u);
  // Below 2^-14 the result counts in units of 2^-24: the mantissa with its hidden bit, shifted out further.
  let mantissa = (magnitude & vec4u(0x7fffffu)) | vec4u(0x800000u);
  let shift = clamp(vec4u(126u) - (magnitude >> vec4u(23u)), vec4u(1u), vec4u(31u));
  let half = vec4u(1u) << (shift - vec4u(1u));
  let subnormal = (mantissa + half - vec4u(1u) + ((mantissa >> shift) & vec4u(1u))) >> shift;
  let rounded = select(min(normal, vec4u(0x7c00u)), subnormal, magnitude < vec4u(113u << 23u));
  return ((bits >> vec4u(16u)) & vec4u(0x8000u)) | rounded;
}

// For finite values · 2^shift, given as f32 bits: any result of the output's dtype, subnormals and overflow included.
fn encodeScaled(dtype: u32, bits: vec4u, shift: vec4i) -> vec4u {
  var dropped = 0u;
  var bias = 127;
  var infiniteExponent = 255;
  if (dtype == F16) {
    dropped = 13u;
    bias = 15;
    infiniteExponent = 31;
  }
  if (dtype == BF16) {
    dropped = 16u;
  }
  let magnitude = bits & magnitudeMask;
  let mantissa = magnitude & vec4u(0x7fffffu);
  let exponent = vec4i(magnitude >> vec4u(23u)) - shift + vec4i(bias - 127);
  let isNormal = exponent >= vec4i(1);
  let exponentBits = vec4u(clamp(exponent, vec4i(1), vec4i(255))) << vec4u(23u);
  let source = mantissa | select(vec4u(0x800000u), exponentBits, isNormal);
  // A subnormal result loses one more bit for each power of two below the smallest normal one.
  let below = select(vec4i(1) - exponent, vec4i(0), isNormal);
  let lost = vec4u(min(below + vec4i(i32(dropped)), vec4i(31)));
  let half = (vec4u(1u) << lost) >> vec4u(1u);
  let up = select(vec4u(0u), half - vec4u(1u) + ((source >> lost) & vec4u(1u)), lost > vec4u(0u));
  let rounded = (source + up) >> lost;
  let infinite = vec4u(u32(infiniteExponent) << (23u - dropped));
  // A carry out of the largest finite value gives infinity's bits by itself.
  let overflowed = select(rounded, infinite, exponent >= vec4i(infiniteExponent));
  let result = select(overflowed, vec4u(0u), magnitude < vec4u(0x800000u));
  return signBit(dtype, bits) | result;
}

// The sign of an f32, where the output's dtype has it.
fn signBit(dtype: u32, bits: vec4u) -> vec4u {
  let sign = bits & vec4u(0x80000000u);
  if (dtype == F32) {
    return sign;
  }
  return sign >> vec4u(16u);
}

fn infinityBits(dtype: u32) -> u32 {
  if (dtype == F32) {
    return 0x7f800000u;
  }
  if (dtype == BF16) {
    return 0x7f80u;
  }
  return 0x7c00u;
}

// The bits of an f32 NaN → a quiet NaN with its sign and the top bits of its payload.
fn encodeNan(dtype: u32, bits: vec4u) -> vec4u {
  if (dtype == F32) {
    return bits | vec4u(0x400000u);
  }
  if (dtype == BF16) {
    return (bits >> vec4u(16u)) | vec4u(0x40u);
  }
  return signBit(dtype, bits) | vec4u(0x7e00u) | ((bits >> vec4u(13u)) & vec4u(0x3ffu));
}
