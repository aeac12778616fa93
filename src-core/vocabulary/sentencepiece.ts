import { decodeUtf8Span } from "../checkpoint/utf8.ts";
import { maximumTokenLength } from "../limits.ts";
import { ProtobufReader, wireTypes } from "./protobuf.ts";
import { byteOfToken } from "./token-kinds.ts";
import { tokenizerError } from "./tokenizer-error.ts";
import type { TokenKind } from "./vocabulary.ts";
import type { VocabularyBuilder } from "./vocabulary-builder.ts";

/** Field numbers of sentencepiece_model.proto. */
const modelFields = { pieces: 1 } as const;
export const pieceFields = { piece: 1, score: 2, type: 3 } as const;

/** SentencePiece.Type: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte. */
export const pieceTypes = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

const kindOfType: ReadonlyMap<number, TokenKind | undefined> = new Map([
  [pieceTypes.normal, undefined],
  [pieceTypes.unknown, "special"],
  [pieceTypes.control, "special"],
  [pieceTypes.userDefined, undefined],
  [pieceTypes.unused, "unused"],
  [pieceTypes.byte, "byte"],
]);

export interface Piece {
  readonly text: string;
  readonly type: number;
  /** Where its message stands in the file: tag, length and contents. */
  readonly byteOffset: number;
  /** Where its contents start. */
  readonly valueStart: number;
  readonly byteEnd: number;
}

/**
 * Reads the pieces of a SentencePiece model (tokenizer.model): the row is the place in the list. `where` names the file in
 * messages. Throws a StudioError `tokenizer-invalid`.
 * Source: google/sentencepiece, sentencepiece_model.proto.
 */
export function readSentencePieceModel(builder: VocabularyBuilder, borrowedBytes: Uint8Array, where: string): void {
  builder.spelling = "sentencepiece";
  builder.hasByteTokens = false;
  let row = 0;
  forEachPiece(borrowedBytes, where, ({ text, type }) => {
    const kind = kindOfType.get(type);
    if (kind === "byte" && byteOfToken(text) === null) {
      throw tokenizerError(`${where}, piece ${row}`, "a byte like <0x0A>", JSON.stringify(text.slice(0, 40)));
    }
    builder.put(row++, text, kind);
  });
}

/** Calls back for every piece, in order. Throws a StudioError `tokenizer-invalid`. */
export function forEachPiece(borrowedBytes: Uint8Array, where: string, visit: (piece: Piece) => void): void {
  if (isTiktoken(borrowedBytes)) {
    throw tokenizerError(where, "a SentencePiece model", "a tiktoken file; the model's tokenizer.json is needed");
  }
  const model = new ProtobufReader(borrowedBytes, where);
  while (model.next()) {
    if (model.field !== modelFields.pieces) continue;
    model.expect(wireTypes.bytes, "a piece");
    visit(readPiece(borrowedBytes, model, where));
  }
}

function readPiece(bytes: Uint8Array, model: ProtobufReader, where: string): Piece {
  let text: string | null = null;
  let type: number = pieceTypes.normal;
  const piece = new ProtobufReader(bytes, where, model.valueStart, model.valueEnd);
  while (piece.next()) {
    if (piece.field === pieceFields.piece) {
      piece.expect(wireTypes.bytes, "a piece's text");
      const { valueStart, valueEnd } = piece;
      if (valueEnd - valueStart > maximumTokenLength) {
        piece.fail(`a piece of at most ${maximumTokenLength} bytes`, `${valueEnd - valueStart} bytes`);
      }
      text = decodeUtf8Span(bytes, valueStart, valueEnd) ?? piece.fail("a piece in UTF-8", "other bytes");
    } else if (piece.field === pieceFields.score) piece.expect(wireTypes.fixed32, "a piece's score");
    else if (piece.field === pieceFields.type) {
      type = piece.integer("a piece's type");
      if (!kindOfType.has(type)) piece.fail("a piece's type from 1 to 6", String(type));
    }
  }
  if (text === null) model.fail("a piece with its text", "none");
  return { text, type, byteOffset: model.fieldStart, valueStart: model.valueStart, byteEnd: model.valueEnd };
}

/** Llama 3 and others call a tiktoken file tokenizer.model too: lines of base64 and a number. */
export function isTiktoken(borrowedBytes: Uint8Array): boolean {
  const start = String.fromCharCode(...borrowedBytes.subarray(0, 64));
  return /^[A-Za-z0-9+/]{2,}={0,2} \d+\r?\n/.test(start);
}
