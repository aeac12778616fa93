import type { ImmediateSource } from "../checkpoint/byte-source.ts";
import { bytesPerElement, type Dtype, isMergeable, type MergeableDtype } from "../checkpoint/dtype.ts";
import { type ElementRun, storageRuns } from "../plan/element-runs.ts";
import {
  type MergePlan,
  originOf,
  type PlannedSpan,
  type PlannedTensor,
  type TensorLocation,
} from "../plan/merge-plan.ts";
import { Random } from "../random.ts";
import { meetsContract } from "../reference/contract.ts";
import { decodeElement } from "../reference/decode.ts";
import type { ElementVector } from "../reference/merge.ts";
import { isRoundedFloat64, mergeElementFloat64 } from "../reference/merge-float64.ts";
import { decodedElement } from "./decoded-source.ts";
import { outputOrder } from "./output-order.ts";
import { RangeList } from "./range-list.ts";

export interface VerifyFiles {
  /** By the plan's source and file indices. */
  readonly sources: readonly (readonly ImmediateSource[])[];
  /** By the output's file index. */
  readonly outputs: readonly ImmediateSource[];
}

export interface Verification {
  readonly samples: number;
  readonly mismatches: readonly { readonly tensor: string; readonly index: number }[];
}

export interface VerifyOptions {
  readonly sampleCount: number;
  readonly seed: number;
  /** Lets others have their turn. */
  readonly pause: () => Promise<void>;
  /**
   * While the output is being written: null where all of the file before `end` is, else resolves when it is. The first tensor that has mismatches is
   * then the last one: nobody has to wait for the rest.
   */
  readonly written?: (file: number, end: number) => Promise<void> | null;
}

/** A millisecond of work: hashing goes on in between. (More pauses cost more than the work: with one for 32 samples it took twice as long.) */
const samplesBetweenPauses = 256;

/** Elements compared in every tensor, however small its share of the model is. */
const samplesPerTensor = 4;

/**
 * Recomputes randomly chosen elements from the sources with the reference and compares them with what was written: kept
 * elements bit for bit, merged ones within the contract (design: half an ULP of the output and f32's own error).
 * At least `sampleCount` of them, spread by size over all tensors; the same seed chooses the same ones.
 */
export async function verifyMerge(
  plan: MergePlan,
  files: VerifyFiles,
  { sampleCount, seed, pause, written }: VerifyOptions,
): Promise<Verification> {
  const random = new Random(seed);
  const total = plan.tensors.reduce((sum, tensor) => sum + tensor.elementCount, 0);
  const mismatches: { tensor: string; index: number }[] = [];
  let samples = 0;
  for (const place of outputOrder(plan)) {
    const tensor = plan.tensors[place];
    if (tensor === undefined) continue;
    const share = total === 0 ? 0 : Math.ceil((sampleCount * tensor.elementCount) / total);
    const checker = new ElementChecker(tensor, files);
    for (const index of sampleIndices(tensor.elementCount, samplesPerTensor + share, random)) {
      if (++samples % samplesBetweenPauses === 0) await pause();
      const isWritten = written?.(tensor.output.file, endOf(tensor, index)) ?? null;
      if (isWritten !== null) await isWritten;
      if (!checker.holds(index)) mismatches.push({ tensor: tensor.name, index });
    }
    if (written !== undefined && mismatches.length > 0) break;
  }
  return { samples, mismatches };
}

/** Where the element's last byte is written, at the latest. */
function endOf({ output, elementCount }: PlannedTensor, index: number): number {
  return output.byteOffset + Math.ceil(((index + 1) * output.byteLength) / elementCount);
}

/** Ascending, so that reading goes one way; all of them when the tensor has no more. */
function sampleIndices(elementCount: number, count: number, random: Random): number[] {
  if (elementCount <= count) return Array.from({ length: elementCount }, (_, index) => index);
  return Array.from({ length: count }, () => random.integer(elementCount)).sort((a, b) => a - b);
}

class ElementChecker {
  readonly #tensor: PlannedTensor;
  readonly #files: VerifyFiles;
  /** By a span's runs, of which a shuffled vocabulary has one for every row. */
  readonly #lists = new Map<readonly ElementRun[], RangeList>();
  readonly #bytes = new Uint8Array(8);
  readonly #view = new DataView(this.#bytes.buffer);

  constructor(tensor: PlannedTensor, files: VerifyFiles) {
    this.#tensor = tensor;
    this.#files = files;
  }

  holds(index: number): boolean {
    const { target, output } = this.#tensor;
    const span = spanOf(this.#tensor, index);
    const written = this.#files.outputs[output.file];
    if (written === undefined) throw new Error(`no output file ${output.file}`);
    if (!isDecoded(target.dtype) || !isDecoded(output.dtype)) return this.#bytesEqual(index, written);
    const origin = originOf(target, span);
    const originIndex = origin.elementOffset + (index - span.elementOffset);
    const kept = this.#value(origin.location, originIndex);
    const vectors = this.#vectors(index, span);
    const locations = [origin.location, ...span.vectors.flatMap(({ chat, base }) => [chat, base])];
    if (locations.some(({ dtype }) => dtype === "F64")) {
      const value = this.#valueIn(written, output.dtype, output.byteOffset, index);
      return isRoundedFloat64(output.dtype, value, mergeElementFloat64(kept, vectors));
    }
    if (!isMergeable(output.dtype)) throw new Error(`${output.dtype} of ${target.dtype}`);
    const outputBits = this.#bits(written, output.dtype, output.byteOffset, index);
    const { dtype, encoded } = origin.location;
    if (span.vectors.length === 0 && output.dtype === dtype && encoded === undefined) {
      return outputBits === this.#bitsAt(origin.location, originIndex);
    }
    return meetsContract(outputBits, output.dtype, kept, vectors);
  }

  #vectors(index: number, span: PlannedSpan): ElementVector[] {
    const vectors = [];
    for (const { scale, chat, base, runs } of span.vectors) {
      const { run, within } = this.#runAt(runs, index - span.elementOffset);
      vectors.push({
        scale,
        chat: this.#value(chat, run.chat + within),
        base: this.#value(base, run.base + within),
      });
    }
    return vectors;
  }

  #runAt(runs: readonly ElementRun[], place: number): { run: ElementRun; within: number } {
    let list = this.#lists.get(runs);
    if (list === undefined) {
      list = new RangeList(runs.map(({ chat, elementCount }) => ({ elementOffset: chat, elementCount })));
      this.#lists.set(runs, list);
    }
    const { index, within } = list.at(place);
    const run = runs[index];
    if (run === undefined) throw new RangeError(`no run ${index}`);
    return { run, within };
  }

  #bytesEqual(index: number, written: ImmediateSource): boolean {
    const { target, output, byteLength, elementCount } = this.#tensor;
    const width = byteLength / elementCount;
    // Several sub-byte elements share a byte; that byte is compared.
    const start = Math.floor(index * width);
    const length = Math.max(1, Math.floor(width));
    const [expected, actual] = [new Uint8Array(length), new Uint8Array(length)];
    const [run] = target.view === undefined ? [] : storageRuns(target.view, index, 1);
    const at = run === undefined ? start : run.elementOffset * width;
    this.#source(target).copyInto(expected, target.byteOffset + at);
    written.copyInto(actual, output.byteOffset + start);
    return expected.every((byte, at) => byte === actual[at]);
  }

  #value(location: TensorLocation, index: number): number {
    const { dtype, byteOffset, view } = location;
    if (!isDecoded(dtype)) throw new Error(`${dtype} is not merged`);
    const [run] = view === undefined ? [{ elementOffset: index }] : storageRuns(view, index, 1);
    const source = this.#source(location);
    const { encoded } = location;
    const element = run?.elementOffset ?? index;
    if (encoded === undefined) return this.#valueIn(source, dtype, byteOffset, element);
    const scaleFile = encoded.scales && this.#source({ source: location.source, file: encoded.scales.file });
    return decodedElement(source, scaleFile, encoded, byteOffset, element);
  }

  #valueIn(source: ImmediateSource, dtype: MergeableDtype | "F64", byteOffset: number, index: number): number {
    if (dtype !== "F64") return decodeElement(dtype, this.#bits(source, dtype, byteOffset, index));
    source.copyInto(this.#bytes, byteOffset + index * 8);
    return this.#view.getFloat64(0, true);
  }

  #bitsAt(location: TensorLocation, index: number): number {
    const { dtype, byteOffset, view } = location;
    const [run] = view === undefined ? [{ elementOffset: index }] : storageRuns(view, index, 1);
    return this.#bits(this.#source(location), dtype, byteOffset, run?.elementOffset ?? index);
  }

  #bits(source: ImmediateSource, dtype: Dtype, byteOffset: number, index: number): number {
    if (!isMergeable(dtype)) throw new Error(`${dtype} is not merged`);
    const width = bytesPerElement(dtype);
    source.copyInto(this.#bytes.subarray(0, width), byteOffset + index * width);
    return width === 4 ? this.#view.getUint32(0, true) : this.#view.getUint16(0, true);
  }

  #source({ source, file }: Pick<TensorLocation, "source" | "file">): ImmediateSource {
    const found = this.#files.sources[source]?.[file];
    if (found === undefined) throw new RangeError(`no source ${source}, file ${file}`);
    return found;
  }
}

/** What elements are decoded to before anything is computed with them. */
function isDecoded(dtype: Dtype): dtype is MergeableDtype | "F64" {
  return isMergeable(dtype) || dtype === "F64";
}

function spanOf({ name, spans }: PlannedTensor, index: number): PlannedSpan {
  let low = 0;
  let high = spans.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((spans[middle]?.elementOffset ?? 0) <= index) low = middle;
    else high = middle - 1;
  }
  const span = spans[low];
  if (span === undefined) throw new Error(`element ${index} of ${name} is in no span`);
  return span;
}
