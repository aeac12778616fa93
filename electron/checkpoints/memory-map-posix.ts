import { closeSync, fstatSync } from "node:fs";
import koffi, { type KoffiFunc } from "koffi";
import type { MemoryMap } from "./memory-map.ts";

/** Addresses are numbers: user space ends below 2^53 on every system that runs this. */
interface LibC {
  readonly mmap: KoffiFunc<
    (address: null, byteLength: number, protection: number, flags: number, descriptor: number, offset: number) => number
  >;
  readonly munmap: KoffiFunc<(address: number, byteLength: number) => number>;
  readonly madvise: KoffiFunc<(address: number, byteLength: number, advice: number) => number>;
  readonly pread: KoffiFunc<
    (descriptor: number, destination: Uint8Array, byteLength: number, offset: number) => number
  >;
  readonly mincore: KoffiFunc<(address: number, byteLength: number, pages: Uint8Array) => number>;
  readonly getpagesize: KoffiFunc<() => number>;
  readonly memcpy: KoffiFunc<(destination: Uint8Array, source: number, byteLength: number) => bigint>;
}

/** Equal on Linux and macOS. */
const PROT_READ = 1;
/**
 * Private, not shared: nothing is written, so the pages are the page cache's either way and neither kind is charged for; but
 * FUSE file systems with direct I/O (many network and cloud mounts) refuse shared maps with ENODEV.
 */
const MAP_PRIVATE = 2;
const MAP_FAILED = -1;
/** For a private map of a file that was never written: forget which pages are mapped. */
const MADV_DONTNEED = 4;

let libC: LibC | null = null;

function loadLibC(): LibC {
  if (libC !== null) return libC;
  // The process itself has the C library, whichever it is (glibc, musl, macOS's).
  const library = koffi.load(null);
  libC = {
    mmap: library.func("intptr_t mmap(void *address, size_t length, int prot, int flags, int fd, int64_t offset)"),
    munmap: library.func("int munmap(intptr_t address, size_t length)"),
    madvise: library.func("int madvise(intptr_t address, size_t length, int advice)"),
    mincore: library.func("int mincore(intptr_t address, size_t length, void *pages)"),
    getpagesize: library.func("int getpagesize()"),
    pread: library.func("intptr_t pread(int fd, void *destination, size_t byteLength, int64_t offset)"),
    memcpy: library.func("void *memcpy(void *destination, intptr_t source, size_t length)"),
  };
  return libC;
}

/**
 * Maps an open file of `byteLength` > 0 bytes and takes the descriptor over: it is closed with the map, or when mapping fails
 * (with a system error, its `code` set as Node sets it).
 */
export function mapPosix(descriptor: number, byteLength: number): MemoryMap {
  const { mmap, munmap, madvise, memcpy, mincore, getpagesize, pread } = loadLibC();
  const address = mmap(null, byteLength, PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (address === MAP_FAILED) {
    const error = systemError("mmap");
    closeSync(descriptor);
    throw error;
  }
  return {
    byteLength,
    currentByteLength: () => fstatSync(descriptor).size,
    copyInto: (destination, byteOffset) => {
      memcpy(destination, address + byteOffset, destination.byteLength);
    },
    readBytes: (destination, byteOffset) => {
      const bytesRead = pread(descriptor, destination, destination.byteLength, byteOffset);
      if (bytesRead < 0) throw systemError("pread");
      return bytesRead;
    },
    residentPages: (byteOffset, byteLength) => {
      // 4 KiB, or 16 or 64 on some processors: a byte is written for each.
      const pageBytes = getpagesize();
      const start = byteOffset - (byteOffset % pageBytes);
      const pages = new Uint8Array(Math.ceil((byteOffset + byteLength - start) / pageBytes));
      if (mincore(address + start, pages.length * pageBytes, pages) !== 0) throw systemError("mincore");
      return { resident: pages.reduce((sum, page) => sum + (page & 1), 0), pages: pages.length };
    },
    releasePages: () => {
      madvise(address, byteLength, MADV_DONTNEED);
    },
    close: () => {
      munmap(address, byteLength);
      closeSync(descriptor);
    },
  };
}

function systemError(call: string): NodeJS.ErrnoException {
  const errno = koffi.errno();
  const code = Object.entries(koffi.os.errno).find(([, value]) => value === errno)?.[0] ?? `errno ${errno}`;
  return Object.assign(new Error(`${call}: ${code}`), { code, errno: -errno, syscall: call });
}
