import { StudioError } from "../errors.ts";
import { maximumHeaderBytes } from "../limits.ts";
import type { ByteSource } from "./byte-source.ts";
import {
  describeStart,
  isLfsPointer,
  lfsPointerError,
  recognizeForeignFormat,
  signatureByteLength,
} from "./file-signature.ts";
import { openBrace } from "./json-bytes.ts";

/** Bytes of the header's own length, in front of it. */
export const headerLengthByteLength = 8;

/** The bytes of the header's JSON. Rejects when the file is no safetensors file, or ends before the header does. */
export async function readHeaderBytes(source: ByteSource): Promise<Uint8Array> {
  const start = new Uint8Array(Math.min(source.byteLength, signatureByteLength));
  await source.readInto(start, 0);
  const headerByteLength = checkStart(start, source);
  const bytes = new Uint8Array(headerByteLength);
  await source.readInto(bytes, headerLengthByteLength);
  return bytes;
}

/** The header's length, once the first bytes say that this is a safetensors file. */
function checkStart(start: Uint8Array, { name, byteLength }: ByteSource): number {
  if (isLfsPointer(start)) throw lfsPointerError(name);
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const isLongEnough = start.length >= headerLengthByteLength;
  const headerByteLength = isLongEnough ? view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32 : 0;
  const first = start[headerLengthByteLength];
  if (headerByteLength === 0 || (first !== undefined && first !== openBrace)) throw notSafetensors(start, name);
  if (headerByteLength > maximumHeaderBytes) {
    throw new StudioError({
      code: "header-too-long",
      what: "The header's length is beyond the format's limit",
      where: name,
      expected: `at most ${maximumHeaderBytes} bytes`,
      actual: `${headerByteLength} bytes`,
    });
  }
  if (headerLengthByteLength + headerByteLength > byteLength) {
    throw new StudioError({
      code: "header-truncated",
      what: "The file ends inside its header",
      where: name,
      expected: `at least ${headerLengthByteLength + headerByteLength} bytes`,
      actual: `${byteLength} bytes`,
      advice: copyAgain,
    });
  }
  return headerByteLength;
}

export const copyAgain = "Download or copy the file again";

function notSafetensors(start: Uint8Array, where: string): StudioError {
  const foreign = recognizeForeignFormat(start);
  return new StudioError({
    code: "not-safetensors",
    what: "Not a safetensors file",
    where,
    expected: "8 bytes of length and a JSON object",
    actual: foreign?.actual ?? describeStart(start),
    advice: foreign?.advice ?? "Pick a model's folder or its .safetensors file",
  });
}
