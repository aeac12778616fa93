import { expect } from "vitest";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { dtypeBits } from "../checkpoint/dtype.ts";
import { tensorByteLength } from "../checkpoint/tensor-size.ts";
import type { WeightsHeader } from "../checkpoint/weights-header.ts";

/** Every tensor once, of the size that its shape says, and inside its file. */
export function expectValidCheckpoint({ files, tensors }: Checkpoint): void {
  expect(new Set(tensors.map(({ name }) => name)).size).toBe(tensors.length);
  for (const { dtype, shape, file, byteOffset, byteLength } of tensors) {
    expect(tensorByteLength(dtype, shape)).toBe(byteLength);
    expect(byteOffset).toBeGreaterThanOrEqual(10);
    expect(byteOffset + byteLength).toBeLessThanOrEqual(files[file]?.byteLength ?? -1);
  }
}

/** The same of a PyTorch file, whose tensors may be strided. */
export function expectValidTorchHeader({ format, tensors }: WeightsHeader, fileByteLength: number): void {
  expect(format).toBe("pytorch");
  expect(new Set(tensors.map(({ name }) => name)).size).toBe(tensors.length);
  for (const { dtype, shape, strides, byteOffset, byteLength } of tensors) {
    expect(tensorByteLength(dtype, shape)).toBe(byteLength);
    const size = dtypeBits[dtype] / 8;
    const extent = strides?.reduce((sum, stride, i) => sum + stride * ((shape[i] ?? 1) - 1) * size, size) ?? byteLength;
    expect(byteOffset).toBeGreaterThan(0);
    expect(byteOffset + extent).toBeLessThanOrEqual(fileByteLength);
  }
}
