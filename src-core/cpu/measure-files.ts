import { bytesPerElement } from "../checkpoint/dtype.ts";
import type { KernelExports, KernelFileRead, KernelFilesRequest } from "./kernel-protocol.ts";
import { measureTileElements, readBufferBytes, readBufferOf, recordOf } from "./memory-layout.ts";
import { dtypeNumbers, operandWordsOf, operationBytes } from "./operation-table.ts";

/** What a thread reads files with. */
export interface ThreadFiles {
  /** Reads as much as there is, up to all of `destination`, and returns how much; 0 at the file's end. Throws where it cannot read. */
  read(descriptor: number, destination: Uint8Array, byteOffset: number): number;
  /** In milliseconds. */
  now(): number;
}

/** A read that did not bring what it should have. */
export class ReadFailed extends Error {
  /** Of the request's reads. */
  readonly index: number;

  constructor(index: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.index = index;
  }
}

/** An operand's elements, wherever the request says that they would lie. */
export interface FileOperand {
  readonly address: number;
  readonly byteWidth: number;
  /** Words of the record that hold its address. */
  readonly words: number[];
}

const widthByNumber: ReadonlyMap<number, number> = new Map(
  Object.entries(dtypeNumbers).map(([dtype, number]) => [number, bytesPerElement(dtype as keyof typeof dtypeNumbers)]),
);

/**
 * Measures the request's operations, whose operands lie in files: reads a piece of each that stays in this processor's caches, measures it there, and goes
 * on to the next. (From the page cache, with the reads done by others into 18 MiB of slots, measuring took two and a half times as long.) Throws
 * a ReadFailed. Returns the milliseconds that it spent on reading.
 */
export function measureFiles(
  kernels: KernelExports,
  memory: ArrayBufferLike,
  request: KernelFilesRequest,
  files: ThreadFiles,
): number {
  const { table, operationCount, scratch } = request;
  const reader = new PieceReader(memory, request.reads, files);
  for (let index = 0; index < operationCount; index++) {
    const record = new Uint32Array(memory, recordOf(scratch), operationBytes / 4);
    record.set(new Uint32Array(memory, table + index * operationBytes, operationBytes / 4));
    measureOperation(kernels, record, scratch, reader);
  }
  return reader.milliseconds;
}

function measureOperation(kernels: KernelExports, record: Uint32Array, scratch: number, reader: PieceReader): void {
  const [elementCount = 0] = record;
  const operands = operandsOf(record);
  const pieceElements = pieceElementsFor(operands);
  kernels.beginMeasure(record.byteOffset);
  for (let start = 0; start < elementCount; start += pieceElements) {
    const count = Math.min(pieceElements, elementCount - start);
    operands.forEach(({ address, byteWidth, words }, place) => {
      const piece = readBufferOf(scratch) + operandStart(operands, place, pieceElements);
      reader.read(piece, address + start * byteWidth, count * byteWidth);
      // The kernel counts from the operand's start: which is before the piece, and may be before address 0. Addresses wrap.
      for (const word of words) record[word] = piece - start * byteWidth;
    });
    kernels.measureElements(record.byteOffset, start, start + count, scratch);
  }
  kernels.finishMeasure(record.byteOffset, scratch);
}

/** What several roles share is there once. */
export function operandsOf(record: Uint32Array): FileOperand[] {
  const operands: FileOperand[] = [];
  for (const word of operandWordsOf(record)) {
    const [address = 0, number = 0] = record.subarray(word, word + 2);
    const known = operands.find((other) => other.address === address);
    if (known !== undefined) known.words.push(word);
    else operands.push({ address, byteWidth: widthByNumber.get(number) ?? 4, words: [word] });
  }
  return operands;
}

/** Elements of one piece of each operand: together they fill a thread's read buffer. */
export function pieceElementsFor(operands: readonly FileOperand[]): number {
  const bytesPerElement = operands.reduce((sum, { byteWidth }) => sum + byteWidth, 0);
  return Math.floor(readBufferBytes / bytesPerElement / measureTileElements) * measureTileElements;
}

/** Where in the read buffer the operand's piece lies. */
export function operandStart(operands: readonly FileOperand[], place: number, pieceElements: number): number {
  return operands.slice(0, place).reduce((sum, { byteWidth }) => sum + byteWidth * pieceElements, 0);
}

/** Brings what a request's reads would bring to a slot, piece by piece, to where it is wanted. */
export class PieceReader {
  milliseconds = 0;
  readonly #memory: ArrayBufferLike;
  readonly #reads: readonly KernelFileRead[];
  readonly #files: ThreadFiles;

  constructor(memory: ArrayBufferLike, reads: readonly KernelFileRead[], files: ThreadFiles) {
    this.#memory = memory;
    this.#reads = reads;
    this.#files = files;
  }

  /** Brings what the reads put at `address` to `destination`. */
  read(destination: number, address: number, byteLength: number): void {
    const startedAt = this.#files.now();
    let done = 0;
    while (done < byteLength) {
      const at = address + done;
      const index = this.#reads.findIndex((read) => read.address <= at && at < read.address + read.byteLength);
      const read = this.#reads[index];
      if (read === undefined) throw new RangeError(`nothing is read to ${at}`);
      const wanted = Math.min(byteLength - done, read.address + read.byteLength - at);
      const bytes = new Uint8Array(this.#memory, destination + done, wanted);
      done += this.#readSome(index, read.descriptor, bytes, read.byteOffset + at - read.address);
    }
    this.milliseconds += this.#files.now() - startedAt;
  }

  #readSome(index: number, descriptor: number, destination: Uint8Array, byteOffset: number): number {
    let byteCount: number;
    try {
      byteCount = this.#files.read(descriptor, destination, byteOffset);
    } catch (cause) {
      throw new ReadFailed(index, cause instanceof Error ? cause.message : String(cause), { cause });
    }
    if (byteCount <= 0) throw new ReadFailed(index, `the file ends at ${byteOffset}`);
    return byteCount;
  }
}
