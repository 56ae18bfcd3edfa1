/** Texts that are read and written in pieces of up to 16 bytes (DCMI 1.5 §6.4.2-3, §6.4.6). */
import { completionCode, CompletionError } from "../../completionCode.js";
import { requireDataLength } from "../../requestData.js";

const maxPieceLength = 16;

export interface Piece {
  readonly offset: number;
  readonly count: number;
}

export interface WrittenPiece {
  readonly offset: number;
  readonly bytes: Buffer;
}

/** `size` is that of the whole field. Throws C9h beyond it. */
export function decodePiece(data: Buffer, size: number): Piece {
  requireDataLength(data, 2);
  const [offset = 0, count = 0] = data;
  requireRange(offset, count, size);
  return { offset, count };
}

export function decodeWrittenPiece(data: Buffer, size: number): WrittenPiece {
  requireDataLength(data, 2, 2 + maxPieceLength);
  const [offset = 0, count = 0] = data;
  requireRange(offset, count, size);
  requireDataLength(data, 2 + count);
  return { offset, bytes: Buffer.from(data.subarray(2)) };
}

function requireRange(offset: number, count: number, size: number): void {
  if (offset >= size || offset + count > size || count > maxPieceLength) {
    throw new CompletionError(completionCode.parameterOutOfRange, `${count} bytes at ${offset}`);
  }
}

/** Truncates the text after the piece; throws C9h for a gap before it. */
export function withPiece(text: Buffer, { offset, bytes }: WrittenPiece): Buffer {
  if (offset > text.length) {
    throw new CompletionError(completionCode.parameterOutOfRange, `a gap between ${text.length} and ${offset}`);
  }
  return Buffer.concat([text.subarray(0, offset), bytes]);
}
