// F32, F16 or BF16 elements → the bits of the same values in f32: exact for every bit pattern. Integer work, because WGSL
// lets implementations flush subnormals and assume that there is no NaN or Inf, even in bitcast and unpack2x16float.

// Low 16 bits of each lane, an f16 → f32 bits.
fn f32BitsFromF16(half: vec4u) -> vec4u {
  let magnitude = vec4i(half & vec4u(0x7fffu));
  // Subnormals count in units of 2^-24: an integer, converted and scaled exactly, a normal f32 (or zero).
  let subnormal = bitcast<vec4i>(vec4f(magnitude) * 0x1p-24f);
  // The exponent's bias is 15 in f16, 127 in f32; an exponent of 31 (Inf, NaN) becomes 255.
  let rebias = select(vec4i(112 << 23u), vec4i(224 << 23u), magnitude >= vec4i(0x7c00));
  let normal = (magnitude << vec4u(13u)) + rebias;
  let wide = select(normal, subnormal, magnitude < vec4i(0x400));
  return vec4u(wide) | ((half & vec4u(0x8000u)) << vec4u(16u));
}

// Group `group` of the operand that starts at `block` → f32 bits. Past the operand's last element it returns whatever
// lies there.
fn decodeGroup(dtype: u32, block: u32, group: u32) -> Group {
  if (dtype == F32) {
    let first = input[block + 2u * group];
    let second = input[block + 2u * group + 1u];
    return Group(vec4u(first.xz, second.xz), vec4u(first.yw, second.yw));
  }
  let pairs = input[block + group];
  if (dtype == BF16) {
    return Group(pairs << vec4u(16u), pairs & vec4u(0xffff0000u));
  }
  return Group(f32BitsFromF16(pairs & vec4u(0xffffu)), f32BitsFromF16(pairs >> vec4u(16u)));
}
