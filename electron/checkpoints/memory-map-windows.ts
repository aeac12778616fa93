import { toNamespacedPath } from "node:path";
import koffi, { type KoffiFunc } from "koffi";
import type { MemoryMap } from "./memory-map.ts";

/**
 * Windows' memory maps (memoryapi.h, fileapi.h, handleapi.h). Handles and addresses are declared as pointer-sized integers:
 * handles are kernel indices sign-extended from 32 bits, user space ends below 2^47, so both are exact as numbers.
 */
interface Kernel32 {
  readonly CreateFileW: KoffiFunc<
    (
      path: string,
      access: number,
      share: number,
      security: null,
      disposition: number,
      flags: number,
      template: number,
    ) => number
  >;
  readonly GetFileType: KoffiFunc<(file: number) => number>;
  readonly GetFileSizeEx: KoffiFunc<(file: number, size: [number | bigint]) => number>;
  readonly CreateFileMappingW: KoffiFunc<
    (file: number, security: null, protection: number, sizeHigh: number, sizeLow: number, name: null) => number
  >;
  readonly MapViewOfFile: KoffiFunc<
    (mapping: number, access: number, offsetHigh: number, offsetLow: number, byteLength: number) => number
  >;
  readonly VirtualUnlock: KoffiFunc<(address: number, byteLength: number) => number>;
  readonly UnmapViewOfFile: KoffiFunc<(address: number) => number>;
  readonly CloseHandle: KoffiFunc<(handle: number) => number>;
  readonly GetLastError: KoffiFunc<() => number>;
  readonly RtlMoveMemory: KoffiFunc<(destination: Uint8Array, source: number, byteLength: number) => void>;
}

const GENERIC_READ = 0x8000_0000;
/** Others may read and rename; whoever writes at the moment makes opening fail, and nobody may start to. */
const FILE_SHARE_READ = 1;
const FILE_SHARE_DELETE = 4;
const OPEN_EXISTING = 3;
const FILE_ATTRIBUTE_NORMAL = 0x80;
const FILE_TYPE_DISK = 1;
const PAGE_READONLY = 2;
const FILE_MAP_READ = 4;
const INVALID_HANDLE_VALUE = -1;

/** winerror.h's numbers under the names that Node gives them. */
const errorCodes: Readonly<Record<number, string>> = {
  2: "ENOENT",
  3: "ENOENT",
  4: "EMFILE",
  5: "EACCES",
  8: "ENOMEM",
  21: "EIO",
  23: "EIO",
  32: "EBUSY",
  33: "EBUSY",
  1117: "EIO",
  1450: "ENOMEM",
  1455: "ENOMEM",
};

let kernel32: Kernel32 | null = null;

function loadKernel32(): Kernel32 {
  if (kernel32 !== null) return kernel32;
  const library = koffi.load("kernel32.dll");
  const path = "const char16_t *path";
  kernel32 = {
    CreateFileW: library.func(
      `intptr_t __stdcall CreateFileW(${path}, uint32_t access, uint32_t share, void *security, uint32_t disposition, uint32_t flags, intptr_t template)`,
    ),
    GetFileType: library.func("uint32_t __stdcall GetFileType(intptr_t file)"),
    GetFileSizeEx: library.func("int __stdcall GetFileSizeEx(intptr_t file, _Out_ int64_t *size)"),
    CreateFileMappingW: library.func(
      "intptr_t __stdcall CreateFileMappingW(intptr_t file, void *security, uint32_t protection, uint32_t sizeHigh, uint32_t sizeLow, void *name)",
    ),
    MapViewOfFile: library.func(
      "intptr_t __stdcall MapViewOfFile(intptr_t mapping, uint32_t access, uint32_t offsetHigh, uint32_t offsetLow, size_t length)",
    ),
    VirtualUnlock: library.func("int __stdcall VirtualUnlock(intptr_t address, size_t byteLength)"),
    UnmapViewOfFile: library.func("int __stdcall UnmapViewOfFile(intptr_t address)"),
    CloseHandle: library.func("int __stdcall CloseHandle(intptr_t handle)"),
    GetLastError: library.func("uint32_t __stdcall GetLastError()"),
    RtlMoveMemory: library.func("void __stdcall RtlMoveMemory(void *destination, intptr_t source, size_t length)"),
  };
  return kernel32;
}

/** Maps a file of `byteLength` > 0 bytes. Throws a system error, its `code` set as Node sets it; a file of another size is EBUSY. */
export function mapWindows(path: string, byteLength: number): MemoryMap {
  const api = loadKernel32();
  const share = FILE_SHARE_READ | FILE_SHARE_DELETE;
  const long = toNamespacedPath(path);
  const file = api.CreateFileW(long, GENERIC_READ, share, null, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, 0);
  if (file === INVALID_HANDLE_VALUE) throw systemError(api, "CreateFileW");
  try {
    if (api.GetFileType(file) !== FILE_TYPE_DISK) throw codedError("CreateFileW", "EINVAL");
    if (sizeOf(api, file) !== byteLength) throw codedError("GetFileSizeEx", "EBUSY");
    const address = mapView(api, file, byteLength);
    return {
      byteLength,
      // A file with a mapped view cannot be cut (ERROR_USER_MAPPED_FILE), but a network share may not keep to that.
      currentByteLength: () => sizeOf(api, file),
      copyInto: (destination, byteOffset) => {
        api.RtlMoveMemory(destination, address + byteOffset, destination.byteLength);
      },
      // Documented: unlocking what is not locked takes it out of the working set.
      releasePages: () => {
        api.VirtualUnlock(address, byteLength);
      },
      close: () => {
        api.UnmapViewOfFile(address);
        api.CloseHandle(file);
      },
    };
  } catch (error) {
    api.CloseHandle(file);
    throw error;
  }
}

/** The address of a view of the whole file. The view keeps the mapping object alive, whose handle is closed at once. */
function mapView(api: Kernel32, file: number, byteLength: number): number {
  const sizeHigh = Math.floor(byteLength / 2 ** 32);
  const mapping = api.CreateFileMappingW(file, null, PAGE_READONLY, sizeHigh, byteLength % 2 ** 32, null);
  if (mapping === 0) throw systemError(api, "CreateFileMappingW");
  try {
    const address = api.MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, 0);
    if (address === 0) throw systemError(api, "MapViewOfFile");
    return address;
  } finally {
    api.CloseHandle(mapping);
  }
}

function sizeOf(api: Kernel32, file: number): number {
  const size: [number | bigint] = [0];
  if (api.GetFileSizeEx(file, size) === 0) throw systemError(api, "GetFileSizeEx");
  return Number(size[0]);
}

function systemError(api: Kernel32, call: string): NodeJS.ErrnoException {
  const number = api.GetLastError();
  return codedError(call, errorCodes[number] ?? `Windows error ${number}`);
}

function codedError(call: string, code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${call}: ${code}`), { code, syscall: call });
}
