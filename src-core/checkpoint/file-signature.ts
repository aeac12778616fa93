import { StudioError } from "../errors.ts";
import { asciiText } from "./json-bytes.ts";

/** What a file is when it is not what it should be: a name for it, and what to do. */
export interface ForeignFormat {
  readonly actual: string;
  readonly advice: string;
}

/** Bytes from a file's start that `recognizeForeignFormat` and `isLfsPointer` look at. */
export const signatureByteLength = 512;

const lfsPointerStart = "version https://git-lfs.github.com/spec/v1";
const otherAdvice = "Pick a model's folder, or its .safetensors or PyTorch file";
const torchAdvice = "Give the file the suffix of what it is (.bin, .pt or .pth)";
const torchZip = { actual: "a zip archive, as PyTorch writes its .bin, .pt and .pth files", advice: torchAdvice };
const pickle = {
  actual: "a Python pickle",
  advice: "Only PyTorch's own files of tensors are read, and only under the suffixes .bin, .pt and .pth",
};
const gguf = {
  actual: "a GGUF file",
  advice: "GGUF files cannot be read: merge the model that they were made from",
};
const page = {
  actual: "a web page",
  advice: "The download went wrong (often: not signed in, or a moved file): download it again",
};
const json = { actual: "JSON text", advice: "Pick the model's folder, its file of weights or its index" };

/** True for the small text file that Git LFS leaves where a large file was not fetched. */
export function isLfsPointer(start: Uint8Array): boolean {
  return startsWith(start, lfsPointerStart);
}

export function lfsPointerError(where: string): StudioError {
  return new StudioError({
    code: "lfs-pointer",
    what: "Git LFS has not fetched this file",
    where,
    expected: "the file itself",
    actual: "the pointer that stands for it in Git",
    advice: "Run `git lfs pull` in the repository, or download the file itself",
  });
}

/**
 * Only for what is no safetensors file already: a header of 640 bytes starts like a pickle. Recognizes, by its first bytes, a file of another format that is often found where weights are expected.
 */
export function recognizeForeignFormat(start: Uint8Array): ForeignFormat | null {
  if (startsWith(start, "PK\u0003\u0004")) return torchZip;
  if (start[0] === 0x80 && (start[1] ?? 0) >= 2 && (start[1] ?? 0) <= 5) return pickle;
  if (startsWith(start, "GGUF")) return gguf;
  if (startsWith(start, "\u0089HDF\r\n"))
    return { actual: "an HDF5 file, as Keras and TensorFlow write", advice: otherAdvice };
  if (startsWith(start, "\u0093NUMPY")) return { actual: "a NumPy array", advice: otherAdvice };
  if (startsWith(start, "\u001f\u008b")) return { actual: "a gzip archive", advice: "Unpack it first" };
  // A byte order mark and white space may come first.
  const text = asciiText(start, 0, Math.min(start.length, 64))
    .replace(/^[\s\u00ef\u00bb\u00bf]+/, "")
    .toLowerCase();
  if (text.startsWith("<!doctype") || text.startsWith("<html") || text.startsWith("<?xml")) return page;
  return text.startsWith("{") ? json : null;
}

/** A file's first bytes as a person can compare them. */
export function describeStart(start: Uint8Array): string {
  if (start.length === 0) return "an empty file";
  const hex = Array.from(start.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return `a file that starts with the bytes ${hex}`;
}

/** `text` stands for bytes, one character each. */
function startsWith(bytes: Uint8Array, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[i] !== text.charCodeAt(i)) return false;
  return true;
}
