import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rejectionOf } from "../../test-support/failure-of.ts";
import { gatherTensor } from "../../test-support/gather-tensor.ts";
import { MemoryFolder } from "../../test-support/memory-folder.ts";
import { openCheckpoint } from "../open-checkpoint.ts";

const script = fileURLToPath(new URL("../../test-support/write_torch_checkpoint.py", import.meta.url));
const hasPython = spawnSync("python3", ["--version"]).status === 0;

describe.skipIf(!hasPython)("PyTorch files that Python's pickle and zipfile wrote", () => {
  let path: string;
  const write = (...options: string[]) => execFileSync("python3", [script, path, ...options]);
  const expected = <Entry>() => JSON.parse(readFileSync(join(path, "expected.json"), "utf8")) as Entry[];
  const folderOf = (pickedFile: string | null = null) => {
    const names = readdirSync(path).filter((name) => name !== "expected.json");
    return new MemoryFolder(
      Object.fromEntries(names.map((name) => [name, Uint8Array.from(readFileSync(join(path, name)))])),
      pickedFile,
    );
  };

  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), "python-torch-"));
  });

  afterEach(() => rmSync(path, { recursive: true, force: true }));

  it.each(
    ["zip", "zip64", "legacy"].flatMap((format) =>
      [2, 3, 4, 5].map((protocol) => [format, protocol, protocol === 3 ? 1 : 3] as const),
    ),
  )("are read as they were meant: %s, protocol %d, in %d shards", async (format, protocol, shards) => {
    write("--format", format, "--protocol", `${protocol}`, "--shards", `${shards}`, "--seed", `${protocol}`);
    const folder = folderOf();
    const checkpoint = await openCheckpoint(folder);
    expect(checkpoint.files).toHaveLength(shards);
    const read = [];
    for (const tensor of checkpoint.tensors) {
      const { name, dtype, shape } = tensor;
      const file = checkpoint.files[tensor.file]?.name ?? "";
      const bytes = await gatherTensor(await folder.open(file), tensor);
      read.push({ name, dtype, shape, file, hex: Buffer.from(bytes).toString("hex") });
    }
    const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
    expect(read.sort(byName)).toEqual(expected<{ name: string }>().sort(byName));
    const strided = checkpoint.tensors.filter(({ strides }) => strides !== undefined).map(({ name }) => name);
    expect(strided.filter((name) => !name.includes("down_proj")).sort()).toEqual([
      "every other column",
      "expanded",
      "permuted",
    ]);
  });

  it.each(["zip", "legacy"])("may hold all of a large mixture of experts: %s", async (format) => {
    // As many as Qwen3-30B-A3B has: 48 layers of 128 experts.
    write("--format", format, "--experts", "18867");
    expect((await openCheckpoint(folderOf())).tensors).toHaveLength(18_867 + 28);
  });

  it("and that call something are refused by its name, and nothing is called", async () => {
    write("--hostile");
    const files = expected<{ file: string; calls: string }>();
    expect(files).toHaveLength(5 * 3 * 4 * 2);
    for (const { file, calls } of files) {
      const failure = await rejectionOf(() => openCheckpoint(folderOf(file)));
      expect(failure, file).toMatchObject({ code: "pickle-refused", actual: `"${calls}"` });
      expect(failure.where, file).toContain(`/model/${file}`);
    }
    expect(existsSync(join(path, "ran"))).toBe(false);
  });
});
