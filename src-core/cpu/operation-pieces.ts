import { bytesPerElement } from "../checkpoint/dtype.ts";
import type { KernelFilesRequest } from "./kernel-protocol.ts";
import { measureTileElements, readBufferBytes, readBufferOf, recordOf } from "./memory-layout.ts";
import { dtypeNumbers, operandWordsOf, operationBytes } from "./operation-table.ts";
import { PieceReader, type ThreadFiles } from "./piece-reader.ts";

/** Of an operation whose operands lie in files: as many elements as a thread's read buffer holds of all of them. */
export interface Piece {
  /** In the operation's elements. */
  readonly start: number;
  readonly count: number;
}

/** Where the kernel expects an operand's elements to begin: at the piece that was read, or at the operand's first element, which is before it. */
export type CountFrom = "piece" | "operand";

/** An operation on its thread. */
export interface ThreadOperation {
  /** The thread's own copy, whose addresses are changed for each piece. */
  readonly record: Uint32Array;
  /** As the plan laid it out. */
  readonly planned: Uint32Array;
  /**
   * Reads a piece of each operand, which together stay in this processor's caches, hands it over, and goes on to the next. (From the page cache, with
   * the reads done by others into 18 MiB of slots, measuring took two and a half times as long.)
   */
  eachPiece(from: CountFrom, compute: (piece: Piece) => void): void;
}

/** Goes through the request's operations. Throws a ReadFailed. Returns the milliseconds that were spent on reading. */
export function eachOperation(
  memory: ArrayBufferLike,
  { reads, table, operationCount, scratch }: KernelFilesRequest,
  files: ThreadFiles,
  compute: (operation: ThreadOperation) => void,
): number {
  const reader = new PieceReader(memory, reads, files);
  const record = new Uint32Array(memory, recordOf(scratch), operationBytes / 4);
  for (let index = 0; index < operationCount; index++) {
    const planned = new Uint32Array(memory, table + index * operationBytes, operationBytes / 4);
    record.set(planned);
    const operands = operandsOf(record);
    compute({
      record,
      planned,
      eachPiece: (from, piece) =>
        eachPiece({ record, operands, readBuffer: readBufferOf(scratch), reader }, from, piece),
    });
  }
  return reader.milliseconds;
}

interface PieceWork {
  readonly record: Uint32Array;
  readonly operands: readonly FileOperand[];
  readonly readBuffer: number;
  readonly reader: PieceReader;
}

function eachPiece(
  { record, operands, readBuffer, reader }: PieceWork,
  from: CountFrom,
  compute: (piece: Piece) => void,
): void {
  const [elementCount = 0] = record;
  const pieceElements = pieceElementsFor(operands);
  for (let start = 0; start < elementCount; start += pieceElements) {
    const count = Math.min(pieceElements, elementCount - start);
    let piece = readBuffer;
    for (const { address, byteWidth, words } of operands) {
      reader.read(piece, address + start * byteWidth, count * byteWidth);
      // An operand's start may be before address 0: addresses wrap.
      for (const word of words) record[word] = from === "piece" ? piece : piece - start * byteWidth;
      piece += pieceElements * byteWidth;
    }
    compute({ start, count });
  }
}

/** An operand's elements, wherever the request says that they would lie. */
interface FileOperand {
  readonly address: number;
  readonly byteWidth: number;
  /** Words of the record that hold its address. */
  readonly words: number[];
}

const widthByNumber: ReadonlyMap<number, number> = new Map(
  Object.entries(dtypeNumbers).map(([dtype, number]) => [number, bytesPerElement(dtype as keyof typeof dtypeNumbers)]),
);

/** What several roles share is there once. */
function operandsOf(record: Uint32Array): FileOperand[] {
  const operands: FileOperand[] = [];
  for (const word of operandWordsOf(record)) {
    const [address = 0, number = 0] = record.subarray(word, word + 2);
    const known = operands.find((other) => other.address === address);
    if (known !== undefined) known.words.push(word);
    else operands.push({ address, byteWidth: widthByNumber.get(number) ?? 4, words: [word] });
  }
  return operands;
}

/** In whole tiles. */
function pieceElementsFor(operands: readonly FileOperand[]): number {
  const bytesPerElement = operands.reduce((sum, { byteWidth }) => sum + byteWidth, 0);
  return Math.floor(readBufferBytes / bytesPerElement / measureTileElements) * measureTileElements;
}
