import { execFileSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { ErrorCode } from "../../src-core/errors.ts";
import { bombs } from "../../src-core/test-support/torch-bombs.ts";
import { countingBytes, torchZip } from "../../src-core/test-support/torch-bytes.ts";
import { zipBytes } from "../../src-core/test-support/zip-bytes.ts";

export interface HostileFolder {
  readonly title: string;
  /** Fills the folder; what it returns is called when the folder is no longer needed. */
  readonly make: (folder: string) => Promise<(() => void) | undefined> | (() => void) | undefined | void;
  /** `opened` where what is hostile is not needed for merging. */
  readonly outcome: ErrorCode | "opened";
  readonly says?: string;
  readonly skip?: boolean;
}

const isWindows = process.platform === "win32";
const isRoot = process.getuid?.() === 0;
const entry = (begin = 0) => `{"dtype":"U8","shape":[1],"data_offsets":[${begin},${begin + 1}]}`;

export function safetensors(header: string, dataByteLength: number): Uint8Array {
  const text = Buffer.from(header, "utf8");
  const bytes = Buffer.alloc(8 + text.length + dataByteLength);
  bytes.writeBigUInt64LE(BigInt(text.length));
  text.copy(bytes, 8);
  return bytes;
}

const write = (name: string, contents: string | Uint8Array) => (folder: string) =>
  writeFileSync(join(folder, name), contents);
const model = write("model.safetensors", safetensors(`{"a":${entry()}}`, 1));
const index = (weightMap: Record<string, string>) =>
  write("model.safetensors.index.json", JSON.stringify({ metadata: {}, weight_map: weightMap }));
const named = (name: string) => write("model.safetensors", safetensors(`{${JSON.stringify(name)}:${entry()}}`, 1));

/** About `count` entries after each other, written in runs; each run has the same names. */
function flood(
  path: string,
  start: string,
  unit: (at: number) => string,
  count: number,
  end: string,
  framed = false,
): void {
  const runLength = Math.ceil(count / Math.ceil(count / 1_200_000));
  const run = Buffer.from(Array.from({ length: runLength }, (_, at) => unit(at)).join(","));
  const parts = [Buffer.from(start), run];
  for (let done = runLength; done < count; done += runLength) parts.push(Buffer.from(","), run);
  parts.push(Buffer.from(end));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(parts.reduce((sum, part) => sum + part.length, 0)));
  const file = openSync(path, "w");
  for (const part of framed ? [length, ...parts] : parts) writeSync(file, part);
  closeSync(file);
}

function listen(path: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(path, () => resolve(() => server.close()));
  });
}

/** Windows has none of these. */
function onPosix(folders: readonly HostileFolder[]): HostileFolder[] {
  return folders.map((each) => ({ ...each, skip: isWindows || each.skip === true }));
}

const links: HostileFolder[] = [
  {
    title: "a link out",
    make: (folder) => symlinkSync("/etc/passwd", join(folder, "model.safetensors")),
    outcome: "shard-outside",
  },
  {
    title: "a link to a device",
    make: (folder) => symlinkSync("/dev/zero", join(folder, "model.safetensors")),
    outcome: "shard-outside",
  },
  {
    title: "a link through folders above",
    make: (folder) => symlinkSync("../../../../../../etc/hostname", join(folder, "model.safetensors")),
    outcome: "shard-outside",
  },
  {
    title: "a link to itself",
    make: (folder) => symlinkSync("model.safetensors", join(folder, "model.safetensors")),
    outcome: "shard-missing",
    says: "leads nowhere",
  },
  {
    title: "a config that is a link out",
    make: (folder) => {
      model(folder);
      symlinkSync("/etc/passwd", join(folder, "config.json"));
    },
    outcome: "shard-outside",
  },
  {
    title: "20,000 links",
    make: (folder) => {
      for (let at = 0; at < 20_000; at++) symlinkSync("/etc/passwd", join(folder, `${at}.safetensors`));
    },
    outcome: "checkpoint-unsupported",
    says: "16384 links",
  },
];

const special: HostileFolder[] = onPosix([
  {
    title: "a pipe",
    make: (folder) => void execFileSync("mkfifo", [join(folder, "model.safetensors")]),
    outcome: "shard-missing",
    says: "pipe",
  },
  {
    title: "a config that is a pipe",
    make: (folder) => {
      model(folder);
      execFileSync("mkfifo", [join(folder, "config.json")]);
    },
    outcome: "config-invalid",
    says: "pipe",
  },
  {
    title: "an index that is a pipe",
    make: (folder) => void execFileSync("mkfifo", [join(folder, "model.safetensors.index.json")]),
    outcome: "checkpoint-not-found",
    says: "pipe",
  },
  {
    title: "a socket",
    make: (folder) => listen(join(folder, "model.safetensors")),
    outcome: "shard-missing",
    says: "socket",
  },
  {
    title: "a device",
    make: (folder) => void execFileSync("mknod", [join(folder, "model.safetensors"), "c", "1", "5"]),
    outcome: "shard-missing",
    says: "device",
    skip: !canMakeDevices(),
  },
  {
    title: "a folder named like a file",
    make: (folder) => void mkdirSync(join(folder, "model.safetensors")),
    outcome: "shard-missing",
    says: "a folder",
  },
  {
    title: "a file that may not be read",
    make: (folder) => {
      model(folder);
      chmodSync(join(folder, "model.safetensors"), 0);
    },
    outcome: "checkpoint-permission",
    // Root may read it; the permission is then taken from the child below.
    skip: isRoot,
  },
]);

const shards: HostileFolder[] = [
  ...[
    "../model.safetensors",
    "/etc/passwd.safetensors",
    "a/../../b.safetensors",
    "C:\\a.safetensors",
    "\\\\host\\a.safetensors",
    "..",
    "a\u0000b.safetensors",
  ].map(
    (file): HostileFolder => ({
      title: `a shard at ${JSON.stringify(file)}`,
      make: index({ a: file }),
      outcome: "shard-outside",
    }),
  ),
  {
    title: "names that differ in case alone",
    make: (folder) => {
      write("a.safetensors", safetensors(`{"a":${entry()}}`, 1))(folder);
      write("A.safetensors", safetensors(`{"b":${entry()}}`, 1))(folder);
    },
    outcome: "checkpoint-unsupported",
    says: "take for one",
    // There the second one is the first.
    skip: process.platform !== "linux",
  },
  {
    title: "an index of names that differ in composed letters alone",
    make: (folder) => {
      index({ a: "\u00e9.safetensors", b: "e\u0301.safetensors" })(folder);
      for (const name of ["\u00e9", "e\u0301"])
        write(`${name}.safetensors`, safetensors(`{"a":${entry()}}`, 1))(folder);
    },
    outcome: "checkpoint-unsupported",
    says: "take for one",
    skip: process.platform !== "linux",
  },
];

const names: HostileFolder[] = [
  "a\u0000b",
  "a\u202egpj.b",
  "\u001b[2J",
  "\u009b2J",
  "a\u200bb",
  "a\u2066b",
  "a\u2028b",
  "a\nb",
  "\ufeffa",
].map((name) => ({
  title: `a tensor named ${JSON.stringify(name)}`,
  make: named(name),
  outcome: "checkpoint-unsupported",
  says: "not shown",
}));

const floods: HostileFolder[] = [
  {
    title: "a header of 2 GB that is not there",
    make: (folder) => {
      const bytes = safetensors("{}", 0);
      Buffer.from(bytes.buffer).writeBigUInt64LE(2_000_000_000n);
      write("model.safetensors", bytes)(folder);
    },
    outcome: "header-too-long",
  },
  {
    title: "a header of 2 GB that is there",
    make: (folder) => {
      const bytes = safetensors("{}", 0);
      Buffer.from(bytes.buffer).writeBigUInt64LE(2_000_000_000n);
      const path = join(folder, "model.safetensors");
      writeFileSync(path, bytes);
      const file = openSync(path, "r+");
      ftruncateSync(file, 2_000_000_008);
      closeSync(file);
    },
    outcome: "header-too-long",
  },
  {
    title: "a header with as many tensors as 100 MB hold",
    make: (folder) =>
      flood(
        join(folder, "model.safetensors"),
        "{",
        (at) => `"${at.toString(36)}":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}`,
        1_800_000,
        "}",
        true,
      ),
    outcome: "header-limit",
  },
  {
    title: "an index of 10 million tensors",
    make: (folder) =>
      flood(
        join(folder, "model.safetensors.index.json"),
        '{"weight_map":{',
        (at) => `"${at.toString(36)}":"a.bin"`,
        10_000_000,
        "}}",
      ),
    outcome: "index-invalid",
  },
  {
    title: "an index of more tensors than any model",
    make: (folder) =>
      flood(
        join(folder, "model.safetensors.index.json"),
        '{"weight_map":{',
        (at) => `"${at.toString(36)}":"a.bin"`,
        1_150_000,
        "}}",
      ),
    outcome: "index-invalid",
    says: "1000000 tensors",
  },
  {
    title: "a tokenizer of 250 MB",
    make: (folder) => {
      model(folder);
      flood(join(folder, "tokenizer.json"), "[", () => "[[[[[[]]]]]]", 20_000_000, "]");
    },
    outcome: "opened",
  },
  {
    title: "a tokenizer with as many tokens as 64 MB hold",
    make: (folder) => {
      model(folder);
      flood(join(folder, "vocab.json"), "{", (at) => `"${at.toString(36)}":${at}`, 3_600_000, "}");
    },
    outcome: "opened",
  },
  {
    title: "a config of 4 MB of lists",
    make: (folder) => {
      model(folder);
      flood(join(folder, "config.json"), "[", () => "[]", 1_390_000, "]");
    },
    outcome: "config-invalid",
  },
  {
    title: "an index of 100,000 shards",
    make: (folder) =>
      flood(
        join(folder, "model.safetensors.index.json"),
        '{"weight_map":{',
        (at) => `"${at}":"${at}.safetensors"`,
        100_000,
        "}}",
      ),
    outcome: "index-invalid",
  },
  {
    title: "a config of 250 MB",
    make: (folder) => {
      model(folder);
      flood(join(folder, "config.json"), "[", () => "[[[[[[]]]]]]", 20_000_000, "]");
    },
    outcome: "config-invalid",
  },
  {
    title: "a config of lists in lists",
    make: (folder) => {
      model(folder);
      write("config.json", `${"[".repeat(2_000_000)}`)(folder);
    },
    outcome: "config-invalid",
  },
  {
    title: "100,000 files",
    make: (folder) => {
      for (let at = 0; at < 100_000; at++) closeSync(openSync(join(folder, `${at}.safetensors`), "w"));
    },
    outcome: "checkpoint-unsupported",
    says: "65536 files",
  },
];

const zips: HostileFolder[] = [
  ...bombs
    .filter(({ title }) => ["values", "storages", "a text of a gigabyte that is not there"].includes(title))
    .map(
      ({ title, bytes, code }): HostileFolder => ({
        title: `a PyTorch file: ${title}`,
        make: (folder) => writeFileSync(join(folder, "pytorch_model.bin"), bytes()),
        outcome: code,
      }),
    ),
  {
    title: "a packed PyTorch file that claims 4 GB",
    make: write(
      "pytorch_model.bin",
      zipBytes([
        { name: "archive/data.pkl", bytes: countingBytes(4000), method: 8, length: 0xfffffff0, storedLength: 4000 },
      ]),
    ),
    outcome: "zip-invalid",
  },
  {
    title: "a PyTorch file whose members lead out",
    make: write("pytorch_model.bin", torchZip(Uint8Array.of(0x80, 2, 0x2e), {}, { root: "../../etc" })),
    outcome: "zip-invalid",
  },
];

export const hostileFolders: readonly HostileFolder[] = [...links, ...special, ...shards, ...names, ...floods, ...zips];

function canMakeDevices(): boolean {
  try {
    execFileSync("sh", ["-c", 'd=$(mktemp -d) && mknod "$d/x" c 1 5; r=$?; rm -rf "$d"; exit $r'], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
