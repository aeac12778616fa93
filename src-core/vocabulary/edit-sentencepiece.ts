import { encodeUtf8 } from "../checkpoint/utf8.ts";
import type { PlacedChatToken } from "./plan-chat-tokens.ts";
import { ProtobufReader } from "./protobuf.ts";
import { forEachPiece, type Piece, pieceFields, pieceTypes } from "./sentencepiece.ts";

/**
 * A SentencePiece model in which free pieces have their new names: special tokens as control pieces, which no text is cut into,
 * others as user-defined ones. Scores, trainer and normaliser stay byte for byte. Throws a StudioError `tokenizer-invalid`.
 */
export function editSentencePieceModel(
  borrowedBytes: Uint8Array,
  where: string,
  placed: readonly PlacedChatToken[],
): Uint8Array<ArrayBuffer> {
  const byRow = new Map(placed.map((token) => [token.targetRow, token]));
  const parts: Uint8Array[] = [];
  let at = 0;
  let row = 0;
  forEachPiece(borrowedBytes, where, (piece) => {
    const token = byRow.get(row++);
    if (token === undefined || token.replaces !== piece.text) return;
    parts.push(borrowedBytes.subarray(at, piece.byteOffset), renamedPiece(borrowedBytes, where, piece, token));
    at = piece.byteEnd;
  });
  parts.push(borrowedBytes.subarray(at));
  return joined(parts);
}

/** The piece's field of the model: its other fields as they are, then the new text and type. */
function renamedPiece(bytes: Uint8Array, where: string, piece: Piece, { token, added }: PlacedChatToken): Uint8Array {
  const fields: Uint8Array[] = [];
  const reader = new ProtobufReader(bytes, where, piece.valueStart, piece.byteEnd);
  while (reader.next()) {
    const isReplaced = reader.field === pieceFields.piece || reader.field === pieceFields.type;
    if (!isReplaced) fields.push(bytes.subarray(reader.fieldStart, reader.valueEnd));
  }
  const text = encodeUtf8(token);
  const type = added.special ? pieceTypes.control : pieceTypes.userDefined;
  const contents = joined([
    Uint8Array.from([(pieceFields.piece << 3) | 2, ...varint(text.length)]),
    text,
    ...fields,
    Uint8Array.from([pieceFields.type << 3, type]),
  ]);
  return joined([Uint8Array.from([(1 << 3) | 2, ...varint(contents.length)]), contents]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 0x80);
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
