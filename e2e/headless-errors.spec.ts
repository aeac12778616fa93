import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCli } from "./launch.ts";
import { expect, test } from "./support/workspace.ts";

/** A safetensors file of any header text, with `dataBytes` zeros behind it. */
function safetensors(header: string, dataBytes: number): Uint8Array {
  const text = Buffer.from(header);
  const file = Buffer.alloc(8 + text.byteLength + dataBytes);
  file.writeBigUInt64LE(BigInt(text.byteLength));
  text.copy(file, 8);
  return file;
}

const entry = (dtype: string, shape: number[], begin: number, end: number) =>
  JSON.stringify({ dtype, shape, data_offsets: [begin, end] });

/** What a broken base can be: its only file, and how the error must name the trouble. */
const brokenFiles: [what: string, file: Uint8Array, code: string, names: string][] = [
  ["not a safetensors file", Buffer.from("<!doctype html><title>404</title>"), "not-safetensors", "model.safetensors"],
  [
    "a header longer than the file",
    safetensors("{}", 0).map((byte, at) => (at === 2 ? 1 : byte)),
    "header-truncated",
    "model.safetensors",
  ],
  [
    "a header longer than 100 MB",
    safetensors("{}", 0).map((byte, at) => (at === 3 ? 0x40 : byte)),
    "header-too-long",
    "100000000",
  ],
  ["bad JSON", safetensors('{"a":{"dtype":"F32",}}', 0), "header-json", "model.safetensors"],
  [
    "a duplicate name",
    safetensors(`{"a":${entry("F32", [1], 0, 4)},"a":${entry("F32", [1], 4, 8)}}`, 8),
    "tensor-duplicate",
    '"a"',
  ],
  [
    "offsets with a hole",
    safetensors(`{"a":${entry("F32", [1], 0, 4)},"b":${entry("F32", [1], 8, 12)}}`, 12),
    "tensor-offsets",
    '"b"',
  ],
  [
    "offsets that overlap",
    safetensors(`{"a":${entry("F32", [1], 0, 4)},"b":${entry("F32", [1], 2, 6)}}`, 6),
    "tensor-offsets",
    '"b"',
  ],
  ["offsets past the end", safetensors(`{"a":${entry("F32", [2], 0, 8)}}`, 4), "file-truncated", "model.safetensors"],
  ["a size that is not the shape's", safetensors(`{"a":${entry("F32", [3], 0, 8)}}`, 8), "tensor-size", '"a"'],
  ["an unknown dtype", safetensors(`{"a":${entry("F12", [1], 0, 4)}}`, 4), "dtype-unknown", '"a"'],
  [
    "a Git LFS pointer",
    Buffer.from("version https://git-lfs.github.com/spec/v1\noid sha256:0000\nsize 4025112\n"),
    "lfs-pointer",
    "git lfs pull",
  ],
];

test("every broken file exits with 3, names the file and its trouble, and leaves no output", async ({
  folder,
  samples,
}) => {
  test.setTimeout(240_000);
  for (const [what, file, code, names] of brokenFiles) {
    await test.step(what, async () => {
      const base = join(folder, what);
      await mkdir(base);
      await writeFile(join(base, "model.safetensors"), file);
      const words = ["--base", base, "--chat", samples.chat, "--target", samples.target, "--out", join(folder, "out")];
      const result = await runCli(["merge", ...words, "--json"]);
      expect(result.stderr).toMatch(new RegExp(`^error: ${code}: [^\n]+\n$`));
      expect(result.stderr).toContain(join(base, "model.safetensors"));
      expect(result.stderr).toContain(names);
      expect(JSON.parse(result.stdout)).toMatchObject({ error: { code } });
      expect(result.code).toBe(3);
      expect(await readdir(folder)).not.toContain("out");
    });
  }
});

test("every broken folder exits with 3 and names what is missing or outside", async ({ folder, samples }) => {
  const index = (weightMap: Record<string, string>) => JSON.stringify({ metadata: {}, weight_map: weightMap });
  const whole = await readFile(join(samples.base, "model.safetensors"));
  const shard = safetensors(`{"a":${entry("F32", [1], 0, 4)}}`, 4);
  const folders: [what: string, files: Record<string, string | Uint8Array>, code: string, names: string][] = [
    ["without weights", { "config.json": "{}" }, "checkpoint-empty", "without weights"],
    [
      "missing shard",
      { "model.safetensors.index.json": index({ a: "a.safetensors" }) },
      "shard-missing",
      "a.safetensors",
    ],
    [
      "outside",
      { "model.safetensors.index.json": index({ a: "../a.safetensors" }) },
      "shard-outside",
      "../a.safetensors",
    ],
    [
      "truncated",
      { "model.safetensors": whole.subarray(0, whole.byteLength - 5) },
      "file-truncated",
      "model.safetensors",
    ],
    [
      "tensor not in its shard",
      { "model.safetensors.index.json": index({ a: "a.safetensors", b: "a.safetensors" }), "a.safetensors": shard },
      "shard-tensor-missing",
      '"b"',
    ],
    ["bad config", { "model.safetensors": shard, "config.json": "{" }, "config-invalid", "config.json"],
  ];
  for (const [what, files, code, names] of folders) {
    await test.step(what, async () => {
      await mkdir(join(folder, what));
      for (const [name, content] of Object.entries(files)) await writeFile(join(folder, what, name), content);
      const result = await runCli(["inspect", join(folder, what)]);
      expect(result.stderr).toMatch(new RegExp(`^error: ${code}: `));
      expect(result.stderr).toContain(names);
      expect(result.stdout).toBe("");
      expect(result.code).toBe(3);
    });
  }
});

test("models that do not fit exit with 4, and a decision lets them through", async ({ folder, samples }) => {
  const out = join(folder, "out");
  const other = join(folder, "other");
  await cp(samples.chat, other, { recursive: true });
  const config = JSON.parse(await readFile(join(other, "config.json"), "utf8"));
  await writeFile(join(other, "config.json"), JSON.stringify({ ...config, hidden_size: 4096 }));
  const words = (chat: string) => [
    "merge",
    "--base",
    samples.base,
    "--chat",
    chat,
    "--target",
    samples.target,
    "--out",
    out,
  ];
  const differs = await runCli(words(other));
  expect(differs.code).toBe(4);
  expect(differs.stderr).toContain(`The hidden size of chat is 4096, the target's is ${config.hidden_size}`);

  const file = await readFile(join(samples.chat, "model.safetensors"), "latin1");
  const shape = `"model.layers.0.mlp.up_proj.weight":{"dtype":"BF16","shape":[`;
  const at = file.indexOf(shape) + shape.length;
  const [rows, columns] = file.slice(at, file.indexOf("]", at)).split(",").map(Number) as [number, number];
  const swapped = `${columns},${rows}`;
  expect(swapped).toHaveLength(`${rows},${columns}`.length);
  await writeFile(
    join(other, "model.safetensors"),
    file.slice(0, at) + swapped + file.slice(at + swapped.length),
    "latin1",
  );
  await writeFile(join(other, "config.json"), JSON.stringify(config));
  const mismatch = await runCli(words(other));
  expect(mismatch.code).toBe(4);
  expect(mismatch.stderr).toContain("error: shape-mismatch: ");
  expect(mismatch.stderr).toContain("model.layers.0.mlp.up_proj.weight");
  expect(await readdir(folder)).toEqual(["other"]);
  expect((await runCli([...words(other), "--on-mismatch", "keep-target"])).code).toBe(0);
});

test("an output that is a model, or inside one, exits with 5", async ({ samples }) => {
  for (const out of [samples.base, join(samples.chat, "merged")]) {
    const words = [
      "merge",
      "--base",
      samples.base,
      "--chat",
      samples.chat,
      "--target",
      samples.target,
      "--out",
      out,
      "--overwrite",
    ];
    const { code, stderr } = await runCli(words);
    expect(code).toBe(5);
    expect(stderr).toContain("error: output-overlaps-input: ");
  }
  expect(await readdir(samples.chat)).not.toContain("merged");
});

test("wrong usage exits with 2 and a hint; help and inspect are results", async ({ samples }) => {
  const wrong = await runCli(["merge", "--bas", "x"]);
  expect(wrong).toMatchObject({
    code: 2,
    stdout: "",
    stderr: "error: usage: unknown option '--bas' (Did you mean --base?)\n",
  });
  const help = await runCli(["--help"]);
  expect(help).toMatchObject({ code: 0, stderr: "" });
  expect(help.stdout).toContain("merge");
  const { code, stdout, stderr } = await runCli(["inspect", samples.base, "--json"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const { format, tensors, files, parameters } = JSON.parse(stdout);
  expect(format).toBe("safetensors");
  expect(files).toEqual([{ name: "model.safetensors", bytes: expect.any(Number) }]);
  expect(parameters).toBeGreaterThan(900_000);
  expect(tensors[0]).toEqual({
    name: "model.embed_tokens.weight",
    dtype: "BF16",
    shape: [expect.any(Number), expect.any(Number)],
    file: "model.safetensors",
    byteOffset: expect.any(Number),
    byteLength: expect.any(Number),
  });
});
