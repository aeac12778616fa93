import type { ByteSource } from "../checkpoint/byte-source.ts";
import type { MergeableDtype } from "../checkpoint/dtype.ts";
import type { MeasuredSpan, MeasuredTensor } from "../plan/measure-plan.ts";
import type { TensorLocation } from "../plan/merge-plan.ts";
import { decodeInto } from "./decode-into.ts";
import { widthOf } from "./input-packer.ts";

export type ModelRole = "target" | "chat" | "base";

/** What one more pass over a single tensor finds. */
export interface TensorInspection {
  /** ‖τ‖ of every row, in float64; a row is everything of one index of the first dimension. */
  readonly rowNorms: Float64Array;
  readonly values: readonly RoleHistogram[];
}

export interface RoleHistogram {
  readonly role: ModelRole;
  /** Bin i holds the values in [least + i·width, least + (i+1)·width); those beyond either end count in the last bin there. */
  readonly least: number;
  readonly width: number;
  readonly counts: readonly number[];
}

const binCount = 64;
const chunkElementCount = 1 << 20;
/** The range of values is taken from evenly spaced pieces of the tensor. */
const sampleCount = 64;
const sampleElementCount = 1024;

/**
 * Reads one tensor of each model: norms by row of one vector's τ, and how the values of each model are spread. Memory does not
 * depend on the tensor but for one number a row. Rejects with a StudioError, or the signal's reason.
 */
export async function inspectTensor(
  tensor: MeasuredTensor,
  vector: number,
  sources: readonly (readonly ByteSource[])[],
  signal: AbortSignal,
): Promise<TensorInspection> {
  const reader = new Reader(sources);
  const histograms = new Map<ModelRole, Histogram>();
  for (const { role, location, span, elementOffset } of streamsOf(tensor, vector)) {
    if (histograms.has(role)) continue;
    histograms.set(role, await rangeOf(role, location, elementOffset, span.elementCount, reader));
  }
  const columnCount = tensor.elementCount / Math.max(tensor.shape[0] ?? 1, 1);
  const squares = new Float64Array(tensor.shape[0] ?? 1);
  for (const span of tensor.spans) {
    for (let start = 0; start < span.elementCount; start += chunkElementCount) {
      signal.throwIfAborted();
      const count = Math.min(chunkElementCount, span.elementCount - start);
      const chunk = new Map<ModelRole, Float32Array>();
      for (const { role, location, elementOffset } of streamsOfSpan(tensor, span, vector)) {
        const values = await reader.read(role, location, elementOffset + start, count);
        histograms.get(role)?.add(values);
        chunk.set(role, values);
      }
      const [chat, base] = [chunk.get("chat"), chunk.get("base")];
      if (chat !== undefined && base !== undefined)
        addSquares(squares, chat, base, span.elementOffset + start, columnCount);
    }
  }
  const values = [...histograms.values()].map((histogram) => histogram.finish());
  return { rowNorms: squares.map(Math.sqrt), values };
}

interface Stream {
  readonly role: ModelRole;
  readonly location: TensorLocation;
  readonly span: MeasuredSpan;
  /** Of the span's first element in this model. */
  readonly elementOffset: number;
}

function streamsOf(tensor: MeasuredTensor, vector: number): Stream[] {
  return tensor.spans.flatMap((span) => streamsOfSpan(tensor, span, vector));
}

function streamsOfSpan({ target }: MeasuredTensor, span: MeasuredSpan, vector: number): Stream[] {
  const streams: Stream[] = [];
  if (target !== null) streams.push({ role: "target", location: target, span, elementOffset: span.elementOffset });
  const found = span.vectors.find((planned) => planned.vector === vector);
  if (found === undefined) return streams;
  streams.push({ role: "chat", location: found.chat, span, elementOffset: found.chatElementOffset });
  streams.push({ role: "base", location: found.base, span, elementOffset: found.baseElementOffset });
  return streams;
}

function addSquares(
  squares: Float64Array,
  chat: Float32Array,
  base: Float32Array,
  start: number,
  columnCount: number,
): void {
  let row = Math.floor(start / columnCount);
  let column = start % columnCount;
  let sum = 0;
  for (let i = 0; i < chat.length; i++) {
    const difference = (chat[i] ?? 0) - (base[i] ?? 0);
    // NaN and infinities are said elsewhere; here they would hide the rest of their row.
    if (Number.isFinite(difference)) sum += difference * difference;
    if (++column === columnCount) {
      squares[row] = (squares[row] ?? 0) + sum;
      sum = 0;
      column = 0;
      row++;
    }
  }
  if (column > 0) squares[row] = (squares[row] ?? 0) + sum;
}

/** Reads and decodes into memory that it keeps, one place for each role. */
class Reader {
  readonly #sources: readonly (readonly ByteSource[])[];
  readonly #memory = new Map<ModelRole, { readonly bytes: Uint8Array; readonly values: Float32Array }>();

  constructor(sources: readonly (readonly ByteSource[])[]) {
    this.#sources = sources;
  }

  /** Borrowed: valid until the role is read again. */
  async read(role: ModelRole, location: TensorLocation, elementOffset: number, count: number): Promise<Float32Array> {
    let memory = this.#memory.get(role);
    if (memory === undefined) {
      memory = { bytes: new Uint8Array(chunkElementCount * 4), values: new Float32Array(chunkElementCount) };
      this.#memory.set(role, memory);
    }
    const source = this.#sources[location.source]?.[location.file];
    if (source === undefined) throw new RangeError(`no source ${location.source}, file ${location.file}`);
    const width = widthOf(location);
    await source.readInto(memory.bytes.subarray(0, count * width), location.byteOffset + elementOffset * width);
    const values = memory.values.subarray(0, count);
    decodeInto(values, location.dtype as MergeableDtype, memory.bytes, 0);
    return values;
  }
}

async function rangeOf(
  role: ModelRole,
  location: TensorLocation,
  elementOffset: number,
  elementCount: number,
  reader: Reader,
): Promise<Histogram> {
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  const count = Math.min(sampleElementCount, elementCount);
  for (let sample = 0; sample < sampleCount && count > 0; sample++) {
    const at = Math.floor(((elementCount - count) * sample) / (sampleCount - 1));
    for (const value of await reader.read(role, location, elementOffset + at, count)) {
      if (!Number.isFinite(value)) continue;
      least = Math.min(least, value);
      greatest = Math.max(greatest, value);
    }
    if (count === elementCount) break;
  }
  if (least > greatest) return new Histogram(role, -1, 1);
  // What was not sampled may lie a little further out; a constant tensor still needs a width.
  const margin = Math.max((greatest - least) * 0.05, Math.abs(greatest) * 1e-6, 1e-30);
  return new Histogram(role, least - margin, greatest + margin);
}

class Histogram {
  readonly #role: ModelRole;
  readonly #least: number;
  readonly #width: number;
  readonly #counts = new Float64Array(binCount);

  constructor(role: ModelRole, least: number, greatest: number) {
    this.#role = role;
    this.#least = least;
    this.#width = (greatest - least) / binCount;
  }

  add(values: Float32Array): void {
    for (let i = 0; i < values.length; i++) {
      const value = values[i] ?? 0;
      if (!Number.isFinite(value)) continue;
      const bin = Math.min(Math.max(Math.floor((value - this.#least) / this.#width), 0), binCount - 1);
      this.#counts[bin] = (this.#counts[bin] ?? 0) + 1;
    }
  }

  finish(): RoleHistogram {
    return { role: this.#role, least: this.#least, width: this.#width, counts: [...this.#counts] };
  }
}
