/** The element types of the safetensors format, with their widths in bits. */
export const dtypeBits = {
  BOOL: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  C64: 64,
  F64: 64,
  I64: 64,
  U64: 64,
} as const;

export type Dtype = keyof typeof dtypeBits;

/** The dtypes that backends compute with: they decode exactly to f32. */
export const mergeableDtypes = ["F32", "F16", "BF16"] as const;
export type MergeableDtype = (typeof mergeableDtypes)[number];

export function isDtype(text: string): text is Dtype {
  return Object.hasOwn(dtypeBits, text);
}

export function isMergeable(dtype: Dtype): dtype is MergeableDtype {
  return dtype === "F32" || dtype === "F16" || dtype === "BF16";
}

/**
 * Floats of one byte. E4M3 (without infinities) and E5M2 are OCP's (Open Compute Project, 8-bit floating point, 2023), as ONNX and
 * PyTorch name them; the FNUZ ones have neither infinities nor −0.
 */
const float8Dtypes = ["F8_E4M3", "F8_E5M2", "F8_E4M3FNUZ", "F8_E5M2FNUZ"] as const;
export type Float8Dtype = (typeof float8Dtypes)[number];

export function isFloat8(dtype: Dtype): dtype is Float8Dtype {
  return (float8Dtypes as readonly Dtype[]).includes(dtype);
}

/** What scales of blocks are stored in; F8_E8M0 is a bare power of two. */
export type ScaleDtype = MergeableDtype | "F8_E8M0";

export function isScaleDtype(dtype: Dtype): dtype is ScaleDtype {
  return isMergeable(dtype) || dtype === "F8_E8M0";
}

/** Everything that a merge can take part in. */
export type FloatDtype = MergeableDtype | Float8Dtype | "F64";

export function isFloat(dtype: Dtype): dtype is FloatDtype {
  return isMergeable(dtype) || dtype === "F64" || isFloat8(dtype);
}

/** Bytes of one element; only for dtypes of whole bytes. */
export function bytesPerElement(dtype: MergeableDtype): 2 | 4;
export function bytesPerElement(dtype: MergeableDtype | "F64"): 2 | 4 | 8;
export function bytesPerElement(dtype: MergeableDtype | "F64"): 2 | 4 | 8 {
  if (dtype === "F64") return 8;
  return dtype === "F32" ? 4 : 2;
}
