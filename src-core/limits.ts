/** Every bound the program keeps, by name. A number from a file is checked against one of these before it is used. */

/** safetensors' own limit on its JSON header. */
export const maximumHeaderBytes = 100_000_000;
/** A 1T-parameter mixture of experts has about 100,000 tensors. */
export const maximumTensorCount = 1_000_000;
export const maximumShardCount = 10_000;
/** Of a header's __metadata__; training tools write a few hundred. */
export const maximumMetadataEntryCount = 65_536;
export const maximumDimensionCount = 16;
export const maximumNameLength = 1024;
/** Layers that a curve may have a point for, and a picture a column; the deepest models have a few hundred. */
export const maximumLayerCount = 1024;
/** config.json, an index or a tokenizer beyond this is not one. */
export const maximumJsonBytes = 256 * 1024 * 1024;

/** Rows of an embedding; the largest vocabularies have a quarter of a million. */
export const maximumTokenCount = 2 ** 24;

/** |λ| is 0 or within these: beyond, f32 products could leave its normal range and round twice. */
export const minimumScale = 2 ** -32;
export const maximumScale = 2 ** 32;
/** Chat vectors in one pass: what the merge kernel's operand table holds. */
export const maximumVectorCount = 14;

/** Bytes of input that one slot of the engine's ring holds. Memory is slotCount · (input + output) on each side of the device. */
export const slotInputBytes = 24 * 1024 * 1024;
export const slotOutputBytes = 16 * 1024 * 1024;
export const slotCount = 3;
/** Merge operations that one round of a slot may hold: small tensors packed together. */
export const slotOperationCount = 256;
/** Bytes of one unmodified copy. */
export const copyBytes = 8 * 1024 * 1024;

export const defaultShardBytes = 5_000_000_000;
/** Elements that are recomputed on the CPU and compared with what was written. */
export const verificationSampleCount = 65_536;
/** Left free beside an export: config, tokenizer files, and the file system's own needs. */
export const outputSpaceMarginBytes = 64 * 1024 * 1024;
