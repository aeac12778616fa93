import { execFile } from "node:child_process";
import { open, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

interface Directory {
  readonly files?: Readonly<Record<string, Directory>>;
}

export interface PackagedApplication {
  /** The program that ships. */
  readonly program: string;
  readonly folder: string;
  /** Of the Electron that it was made with. */
  readonly electronFolder: string;
  /** Null where none can be made. */
  readonly deb: string | null;
}

/** What `npm run package -- --check` and `npm test` say of the package. */
export function packagedApplication(): PackagedApplication {
  const {
    CHAT_VECTOR_PACKAGED: program,
    CHAT_VECTOR_PACKAGED_FOLDER: folder,
    CHAT_VECTOR_PACKAGED_ELECTRON: electronFolder,
    CHAT_VECTOR_PACKAGED_DEB: deb = null,
  } = process.env;
  if (!program || !folder || !electronFolder)
    throw new Error("CHAT_VECTOR_PACKAGED is not set: run `npm run package -- --check`");
  return { program, folder, electronFolder, deb };
}

/**
 * Names of the files in an asar archive: its header is JSON behind four 32-bit lengths, the last one the JSON's own.
 * @returns paths from the archive's root, with `/`
 */
export async function listArchive(path: string): Promise<string[]> {
  const file = await open(path);
  try {
    const lengths = Buffer.alloc(16);
    await file.read(lengths, 0, 16, 0);
    const header = Buffer.alloc(lengths.readUInt32LE(12));
    await file.read(header, 0, header.length, 16);
    return namesIn(JSON.parse(header.toString("utf8")) as Directory, "");
  } finally {
    await file.close();
  }
}

function namesIn({ files = {} }: Directory, prefix: string): string[] {
  return Object.entries(files).flatMap(([name, entry]) =>
    entry.files === undefined ? [`${prefix}${name}`] : namesIn(entry, `${prefix}${name}/`),
  );
}

/** Names of the packages that the bundles are made of, by their source maps in out/. */
export async function bundledPackages(): Promise<ReadonlySet<string>> {
  const out = join(import.meta.dirname, "..", "..", "out");
  const names = new Set<string>();
  for (const bundle of ["main", "preload", "ui", "engine"]) {
    for (const file of await readdir(join(out, bundle), { recursive: true })) {
      if (!file.endsWith(".map")) continue;
      const { sources } = JSON.parse(await readFile(join(out, bundle, file), "utf8")) as { sources: readonly string[] };
      for (const source of sources) {
        const name = source.split("node_modules/").slice(1).at(-1)?.split("/");
        const scoped = name?.[0]?.startsWith("@") ? name.slice(0, 2) : name?.slice(0, 1);
        if (scoped !== undefined) names.add(scoped.join("/"));
      }
    }
  }
  return names;
}

/** Bytes of all regular files below a folder; links (a checkout's, a framework's) are not followed. */
export async function folderBytes(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += await folderBytes(path);
    else if (entry.isFile()) bytes += (await stat(path)).size;
  }
  return bytes;
}

export interface ProgramResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, or to that of its time: then `code` is -1. */
export function runProgram(
  program: string,
  args: readonly string[],
  { env = {}, seconds = 60 }: { readonly env?: Readonly<Record<string, string>>; readonly seconds?: number } = {},
): Promise<ProgramResult> {
  const options = { env: { ...process.env, ...env }, timeout: seconds * 1000, killSignal: "SIGKILL" } as const;
  return new Promise((resolve) => {
    const child = execFile(program, args, options, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr });
    });
  });
}
