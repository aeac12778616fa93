import { mkdir, readdir, rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { StudioError } from "../../src-core/errors.ts";
import { outputSpaceMarginBytes } from "../../src-core/limits.ts";
import type { SampleModel } from "../../src-core/samples/sample-model.ts";
import { type SampleDescription, type SampleRole, sampleRoles } from "../../src-core/samples/sample-options.ts";
import { errnoOf } from "../export/output-failure.ts";
import { freeBytes } from "../export/output-folder.ts";
import { sampleFailure } from "./sample-failure.ts";
import { isWhole, type ManifestFile, readManifest, writeManifest } from "./sample-manifest.ts";

export type SamplePaths = Readonly<Record<SampleRole, string>>;

let callCount = 0;

/** The folder that samples go to, and the one beside it in which they are made. */
export class SampleDirectory {
  readonly paths: SamplePaths;
  /** A name of its own for each process and call, so that two that make the same samples do not meet. */
  readonly partialPath: string;
  readonly #path: string;
  readonly #description: SampleDescription;
  readonly #prefix: string;

  /** @param prefix of each model's folder, before its role */
  constructor(path: string, description: SampleDescription, prefix = "") {
    this.#path = path;
    this.#description = description;
    this.#prefix = prefix;
    this.partialPath = `${path}.partial-${process.pid}-${++callCount}`;
    const folder = (role: SampleRole) => join(path, this.folderName(role));
    this.paths = { base: folder("base"), chat: folder("chat"), target: folder("target") };
  }

  folderName(role: SampleRole): string {
    return this.#prefix + role;
  }

  /** `complete`: nothing to do; `free`: nothing there; `damaged`: this triple, without some of its files. */
  async state(): Promise<"complete" | "free" | "damaged"> {
    const names = await readdir(this.#path).catch((error: unknown) => {
      if (errnoOf(error) === "ENOENT") return [];
      throw sampleFailure(error, this.#path);
    });
    if (names.length === 0) return "free";
    const found = await readManifest(this.#path);
    if (found === null || JSON.stringify(found.description) !== JSON.stringify(this.#description)) {
      throw new StudioError({
        code: "output-exists",
        what: "The folder for the samples holds something else",
        where: this.#path,
        expected: "nothing, or the same samples",
        actual: found === null ? `a folder of ${names.length} entries` : "samples made with other options",
        advice: "Choose another folder",
      });
    }
    const present = await Promise.all(found.files.map((file) => isWhole(this.#path, file)));
    return present.every(Boolean) ? "complete" : "damaged";
  }

  /** Asks for the space and makes the partial folder. */
  async prepare(byteLength: number): Promise<void> {
    const parent = dirname(this.#path);
    try {
      await mkdir(parent, { recursive: true });
      await this.#removeAbandoned(parent);
      const free = await freeBytes(parent);
      if (free !== null && free < byteLength + outputSpaceMarginBytes) throw tooLittleSpace(parent, byteLength, free);
      for (const role of sampleRoles) await mkdir(join(this.partialPath, this.folderName(role)), { recursive: true });
    } catch (error) {
      throw sampleFailure(error, parent);
    }
  }

  /** Gives what was written its name. What another process has completed meanwhile is the same and stays. */
  async finish(models: readonly SampleModel[]): Promise<void> {
    const files = models.flatMap(({ role, files }) =>
      files.map(({ name, byteLength }) => ({ name: `${this.folderName(role)}/${name}`, byteLength })),
    );
    try {
      await writeManifest(this.partialPath, { description: this.#description, files });
      const state = await this.state();
      if (state === "damaged") await this.#repair(files);
      else if (state === "free") await this.#takeName();
    } catch (error) {
      throw sampleFailure(error, this.#path);
    }
  }

  async clean(): Promise<void> {
    await rm(this.partialPath, { recursive: true, force: true });
  }

  async #takeName(): Promise<void> {
    try {
      // Windows does not rename onto a folder, even an empty one.
      await rmdir(this.#path).catch((error: unknown) => {
        if (errnoOf(error) !== "ENOENT") throw error;
      });
      await rename(this.partialPath, this.#path);
    } catch (error) {
      if ((await this.state()) !== "complete") throw error;
    }
  }

  async #repair(files: readonly ManifestFile[]): Promise<void> {
    for (const role of sampleRoles) await mkdir(this.paths[role], { recursive: true });
    for (const file of files) {
      if (!(await isWhole(this.#path, file)))
        await rename(join(this.partialPath, file.name), join(this.#path, file.name));
    }
  }

  /** What a process that was killed left behind. */
  async #removeAbandoned(parent: string): Promise<void> {
    const prefix = `${basename(this.#path)}.partial-`;
    for (const name of await readdir(parent)) {
      const pid = name.startsWith(prefix) ? /^(\d+)-\d+$/.exec(name.slice(prefix.length))?.[1] : undefined;
      if (pid !== undefined && !isRunning(Number(pid))) await rm(join(parent, name), { recursive: true, force: true });
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Someone else's process runs too.
    return errnoOf(error) === "EPERM";
  }
}

function tooLittleSpace(where: string, byteLength: number, free: number): StudioError {
  return new StudioError({
    code: "output-space",
    what: "Not enough free space for the samples",
    where,
    expected: `${byteLength + outputSpaceMarginBytes} bytes`,
    actual: `${free} bytes`,
    advice: "Free some space, or ask for fewer parameters",
  });
}
