import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { quickTemporaryFolder } from "../../src-core/test-support/quick-temporary-folder.ts";

/** Exports leave 64 MiB free. */
const diskBytes = 96 * 2 ** 20;

const run = (program: string, ...words: readonly string[]) => spawnSync(program, words, { encoding: "utf8" });

function must(program: string, ...words: readonly string[]): string {
  const { status, stdout, stderr } = run(program, ...words);
  if (status !== 0) throw new Error(`${program} ${words.join(" ")}: ${stderr}`);
  return stdout.trim();
}

/** Most of it are zeros. */
function copy(from: string, to: string): void {
  must("cp", "--sparse=always", from, to);
}

/**
 * A disk of its own, whose current can be cut and whose cable can be pulled: ext4 on a loop device over a file. Only Linux has it, and only
 * who may mount.
 */
export class LoopDisk {
  readonly #folder = mkdtempSync(join(quickTemporaryFolder(4 * diskBytes), "loop-disk-"));
  readonly #image = join(this.#folder, "image");
  readonly #kept = join(this.#folder, "kept");
  readonly path = join(this.#folder, "disk");
  #device: string | null = null;

  constructor() {
    mkdirSync(this.path);
    writeFileSync(this.#image, "");
    truncateSync(this.#image, diskBytes);
    must("mkfs.ext4", "-q", this.#image);
    this.mount();
  }

  static isToBeHad(): boolean {
    if (process.platform !== "linux") return false;
    try {
      new LoopDisk().remove();
      return true;
    } catch {
      return false;
    }
  }

  /** Nothing of it is in memory then. Written is only what is synced: the system would write the rest after minutes. */
  mount(): void {
    this.#device = must("losetup", "--find", "--show", this.#image);
    must("mount", "-o", "commit=300", this.#device, this.path);
    // What is read is what was asked for, and no more of it comes from memory later.
    must("blockdev", "--setra", "0", this.#device);
  }

  unmount(): void {
    run("umount", "--lazy", this.path);
    if (this.#device !== null) run("losetup", "--detach", this.#device);
    this.#device = null;
  }

  /** Remembers what is on the disk now, as if the current were cut; what the system has still in memory is not. */
  cut(): void {
    // Copied while the system wrote, the beginning would be older than the end, which no disk that is cut off is.
    do copy(this.#image, this.#kept);
    while (run("cmp", "--quiet", this.#image, this.#kept).status !== 0);
  }

  /** The disk is gone: every access to it fails from now on (EIO), as far as memory does not help. */
  pull(): void {
    this.cut();
    truncateSync(this.#image, 0);
    if (this.#device !== null) must("losetup", "--set-capacity", this.#device);
  }

  /** The system has taken it away: its folder is empty, and what is open lives on in memory. */
  vanish(): void {
    this.cut();
    must("umount", "--lazy", this.path);
  }

  /** It is back, with what was on it when it was cut. */
  plugIn(): void {
    this.unmount();
    copy(this.#kept, this.#image);
    this.mount();
  }

  remove(): void {
    this.unmount();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
