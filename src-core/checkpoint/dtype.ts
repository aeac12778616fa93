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

/** The dtypes that decode exactly to f32 and can be merged. */
export const mergeableDtypes = ["F32", "F16", "BF16"] as const;
export type MergeableDtype = (typeof mergeableDtypes)[number];

export function isDtype(text: string): text is Dtype {
  return Object.hasOwn(dtypeBits, text);
}

export function isMergeable(dtype: Dtype): dtype is MergeableDtype {
  return dtype === "F32" || dtype === "F16" || dtype === "BF16";
}

/** Bytes of one element; only for dtypes of whole bytes. */
export function bytesPerElement(dtype: MergeableDtype): 2 | 4 {
  return dtype === "F32" ? 4 : 2;
}
