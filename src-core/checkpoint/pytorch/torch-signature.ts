import { openBrace } from "../json-bytes.ts";

/** The 10 bytes of torch.serialization.MAGIC_NUMBER as a pickle's integer. */
const magicNumber = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
const long1 = 0x8a;
const frame = 0x95;
const frameByteLength = 9;

/** Tells by a file's first bytes which of PyTorch's formats it has; null for neither. */
export function recognizeTorchFile(start: Uint8Array): "zip" | "legacy" | null {
  // A safetensors header of 67,324,752 bytes starts with the same four.
  if (start[0] === 0x50 && start[1] === 0x4b && start[2] === 3 && start[3] === 4 && start[8] !== openBrace)
    return "zip";
  if (start[0] !== 0x80) return null;
  // Since protocol 4 a pickle may come in frames.
  const at = start[2] === frame ? 2 + frameByteLength : 2;
  const isMagic = start[at] === long1 && start[at + 1] === magicNumber.length;
  return isMagic && magicNumber.every((byte, i) => start[at + 2 + i] === byte) ? "legacy" : null;
}
