import type { ByteSource } from "../checkpoint/byte-source.ts";
import type { MeasuredSpan, MeasuredTensor } from "../plan/measure-plan.ts";
import type { TensorLocation } from "../plan/merge-plan.ts";
import { operandAlignment } from "./backend.ts";
import { decodeInto } from "./decode-into.ts";
import { InputPacker } from "./input-packer.ts";
import { isPrecise, readPart } from "./precise.ts";
import { readAll } from "./read-all.ts";
import { inputsOf } from "./span-inputs.ts";

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

/** Float64 where a model has F64. */
type RoleValues = Float32Array | Float64Array;

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
  const reader = new Reader(tensor.target, vector, sources);
  const histograms = await histogramsOf(tensor, reader);
  const columnCount = tensor.elementCount / Math.max(tensor.shape[0] ?? 1, 1);
  const squares = new Float64Array(tensor.shape[0] ?? 1);
  for (const span of tensor.spans) {
    for (let start = 0; start < span.elementCount; start += chunkElementCount) {
      signal.throwIfAborted();
      const chunk = await reader.read(span, start, Math.min(chunkElementCount, span.elementCount - start));
      for (const [role, values] of chunk) histograms.get(role)?.add(values);
      const [chat, base] = [chunk.get("chat"), chunk.get("base")];
      if (chat !== undefined && base !== undefined)
        addSquares(squares, chat, base, span.elementOffset + start, columnCount);
    }
  }
  const values = [...histograms.values()].map((histogram) => histogram.finish());
  return { rowNorms: squares.map(Math.sqrt), values };
}

/** Histograms with ranges that fit what evenly spaced pieces of the tensor hold. */
async function histogramsOf({ spans }: MeasuredTensor, reader: Reader): Promise<Map<ModelRole, Histogram>> {
  const ranges = new Map<ModelRole, ValueRange>();
  for (const span of spans) {
    const count = Math.min(sampleElementCount, span.elementCount);
    const samples = count === span.elementCount ? 1 : Math.max(1, Math.ceil(sampleCount / spans.length));
    for (let sample = 0; sample < samples; sample++) {
      const start = samples === 1 ? 0 : Math.floor(((span.elementCount - count) * sample) / (samples - 1));
      for (const [role, values] of await reader.read(span, start, count)) {
        const range = ranges.get(role) ?? new ValueRange();
        range.add(values);
        ranges.set(role, range);
      }
    }
  }
  return new Map([...ranges].map(([role, range]) => [role, range.histogram(role)]));
}

function addSquares(
  squares: Float64Array,
  chat: RoleValues,
  base: RoleValues,
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

/** Reads and decodes spans into memory that it keeps, one place for each role. */
class Reader {
  readonly #target: TensorLocation | null;
  readonly #vector: number;
  readonly #sources: readonly (readonly ByteSource[])[];
  readonly #bytes = new Uint8Array(3 * (chunkElementCount * 4 + operandAlignment));
  readonly #values = new Map<ModelRole, Float32Array>();

  constructor(target: TensorLocation | null, vector: number, sources: readonly (readonly ByteSource[])[]) {
    this.#target = target;
    this.#vector = vector;
    this.#sources = sources;
  }

  /** `count` elements from the span's element `start` on, of each model that has them. Borrowed: valid until the next read. */
  async read(span: MeasuredSpan, start: number, count: number): Promise<Map<ModelRole, RoleValues>> {
    const vectors = span.vectors.filter(({ vector }) => vector === this.#vector);
    const roles: ModelRole[] = [
      ...(this.#target === null ? [] : ["target" as const]),
      ...vectors.flatMap(() => ["chat", "base"] as const),
    ];
    const inputs = inputsOf(this.#target, { ...span, vectors });
    const read = new Map<ModelRole, RoleValues>();
    if (isPrecise(inputs)) {
      const { values } = await readPart({ inputs, start, elementCount: count }, this.#sources);
      values.forEach((each, index) => {
        read.set(roleAt(roles, index), each);
      });
      return read;
    }
    const packer = new InputPacker(this.#bytes.byteLength);
    const operands = packer.add(inputs, start, count);
    await readAll(packer.reads, this.#sources, this.#bytes);
    operands.forEach(({ dtype, byteOffset }, index) => {
      const role = roleAt(roles, index);
      const values = this.#valuesOf(role).subarray(0, count);
      decodeInto(values, dtype, this.#bytes, byteOffset);
      read.set(role, values);
    });
    return read;
  }

  #valuesOf(role: ModelRole): Float32Array {
    const values = this.#values.get(role) ?? new Float32Array(chunkElementCount);
    this.#values.set(role, values);
    return values;
  }
}

function roleAt(roles: readonly ModelRole[], index: number): ModelRole {
  const role = roles[index];
  if (role === undefined) throw new RangeError("an operand without a role");
  return role;
}

class ValueRange {
  #least = Number.POSITIVE_INFINITY;
  #greatest = Number.NEGATIVE_INFINITY;

  add(values: RoleValues): void {
    for (const value of values) {
      if (!Number.isFinite(value)) continue;
      this.#least = Math.min(this.#least, value);
      this.#greatest = Math.max(this.#greatest, value);
    }
  }

  histogram(role: ModelRole): Histogram {
    if (this.#least > this.#greatest) return new Histogram(role, -1, 1);
    // What was not sampled may lie a little further out; a constant tensor still needs a width.
    const margin = Math.max((this.#greatest - this.#least) * 0.05, Math.abs(this.#greatest) * 1e-6, 1e-30);
    return new Histogram(role, this.#least - margin, this.#greatest + margin);
  }
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

  add(values: RoleValues): void {
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
