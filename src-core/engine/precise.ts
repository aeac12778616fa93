import { bytesPerElement, type MergeableDtype } from "../checkpoint/dtype.ts";
import type { PlannedTensor, TensorLocation } from "../plan/merge-plan.ts";
import { decodeElement } from "../reference/decode.ts";
import { encodeElement } from "../reference/encode.ts";
import { mergeElementFloat64 } from "../reference/merge-float64.ts";
import type { BatchWrite } from "./batch-write.ts";
import { decodeInto } from "./decode-into.ts";
import { type SourceFiles, sourceAt } from "./decoded-source.ts";
import { gatherView } from "./gather-view.ts";
import { fileWidthOf, type OperandInput, type SpanInputs } from "./span-inputs.ts";

type OutputDtype = MergeableDtype | "F64";

/** Elements of which one model has F64: computed in float64 beside the backend, which has no such thing. */
export interface PreciseBatch {
  readonly kind: "precise";
  /** Index into the plan's tensors. */
  readonly tensor: number;
  readonly part: PrecisePart;
  /** λ of each vector. */
  readonly scales: readonly number[];
  readonly write: BatchWrite;
}

/** Some of what a run of elements reads. */
export interface PrecisePart {
  readonly inputs: SpanInputs;
  /** From the inputs' first element on. */
  readonly start: number;
  readonly elementCount: number;
}

/** 8 MiB of each model. */
const partElementCount = 1 << 20;

export function isPrecise({ distinct }: SpanInputs): boolean {
  return distinct.some(({ location }) => location.dtype === "F64");
}

export function* precisePartsOf(inputs: SpanInputs, elementCount: number): Generator<PrecisePart> {
  for (let start = 0; start < elementCount; start += partElementCount) {
    yield { inputs, start, elementCount: Math.min(partElementCount, elementCount - start) };
  }
}

export function* preciseBatchesOf(
  tensor: number,
  { output }: PlannedTensor,
  stretch: { readonly elementOffset: number; readonly elementCount: number; readonly scales: readonly number[] },
  inputs: SpanInputs,
): Generator<PreciseBatch> {
  const width = bytesPerElement(output.dtype as OutputDtype);
  for (const part of precisePartsOf(inputs, stretch.elementCount)) {
    const byteOffset = output.byteOffset + (stretch.elementOffset + part.start) * width;
    const write = { file: output.file, byteOffset, byteLength: part.elementCount * width, slotByteOffset: 0 };
    yield { kind: "precise", tensor, part, scales: stretch.scales, write };
  }
}

export interface PreciseResult {
  readonly bytes: Uint8Array;
  /** Outputs that are NaN or infinite where the target was finite. */
  readonly newNonFinite: number;
  readonly bytesRead: number;
}

/** Computes a part in float64, rounded once to the output's dtype. */
export async function mergePrecisely(
  { part, scales }: PreciseBatch,
  dtype: OutputDtype,
  sources: SourceFiles,
): Promise<PreciseResult> {
  const { values, bytesRead } = await readPart(part, sources);
  const [target, ...others] = values;
  if (target === undefined) throw new RangeError("a part without its target");
  const merged = new Float64Array(target.length);
  const vectors = scales.map((scale) => ({ scale, chat: 0, base: 0 }));
  for (let i = 0; i < merged.length; i++) {
    vectors.forEach((vector, index) => {
      vector.chat = others[2 * index]?.[i] ?? 0;
      vector.base = others[2 * index + 1]?.[i] ?? 0;
    });
    merged[i] = mergeElementFloat64(target[i] ?? 0, vectors);
  }
  return { ...encode(dtype, merged, target), bytesRead };
}

/** The part's elements in each role's order: the target's where there is one, then chat's and base's of each vector. */
export async function readPart(
  { inputs, start, elementCount }: PrecisePart,
  sources: SourceFiles,
): Promise<{ readonly values: readonly Float64Array[]; readonly bytesRead: number }> {
  const distinct: Float64Array[] = [];
  let bytesRead = 0;
  for (const input of inputs.distinct) {
    const read = await readInput(input, start, elementCount, sources);
    distinct.push(read.values);
    bytesRead += read.storedCount * fileWidthOf(input.location);
  }
  return { values: inputs.roles.flatMap((index) => distinct[index] ?? []), bytesRead };
}

async function readInput({ location, ranges }: OperandInput, start: number, count: number, sources: SourceFiles) {
  const values = new Float64Array(count);
  let filled = 0;
  let storedCount = 0;
  for (const { elementOffset, elementCount } of ranges.slice(start, count)) {
    if (elementOffset !== null) {
      values.set(await readElements(sources, location, elementOffset, elementCount), filled);
      storedCount += elementCount;
    }
    filled += elementCount;
  }
  return { values, storedCount };
}

function encode(dtype: OutputDtype, merged: Float64Array, kept: Float64Array) {
  const width = bytesPerElement(dtype);
  const bytes = new Uint8Array(merged.length * width);
  const halves = new Uint16Array(width === 2 ? bytes.buffer : new ArrayBuffer(0));
  if (dtype === "F64") bytes.set(new Uint8Array(merged.buffer));
  // Storing into an array of f32 rounds to nearest, ties to even.
  else if (dtype === "F32") new Float32Array(bytes.buffer).set(merged);
  else for (let i = 0; i < halves.length; i++) halves[i] = encodeElement(dtype, merged[i] ?? 0);
  let newNonFinite = 0;
  for (let i = 0; i < merged.length; i++) {
    if (Number.isFinite(kept[i]) && !Number.isFinite(writtenValue(dtype, merged[i] ?? 0))) newNonFinite++;
  }
  return { bytes, newNonFinite };
}

function writtenValue(dtype: OutputDtype, value: number): number {
  if (dtype === "F64") return value;
  return dtype === "F32" ? Math.fround(value) : decodeElement(dtype, encodeElement(dtype, value));
}

/** `count` elements from the tensor's element `start` on, in its own order, exactly. */
export async function readElements(
  sources: SourceFiles,
  location: TensorLocation,
  start: number,
  count: number,
): Promise<Float64Array> {
  const { byteOffset, view } = location;
  const dtype = location.dtype as OutputDtype;
  const width = bytesPerElement(dtype);
  const bytes = new Uint8Array(count * width);
  const source = sourceAt(sources, location);
  if (view === undefined) await source.readInto(bytes, byteOffset + start * width);
  else {
    const read = { view, byteOffset, elementByteLength: width, elementStart: start, elementCount: count };
    await gatherView(source, read, bytes);
  }
  if (dtype === "F64") return new Float64Array(bytes.buffer);
  const values = new Float32Array(count);
  decodeInto(values, dtype, bytes, 0);
  return Float64Array.from(values);
}
