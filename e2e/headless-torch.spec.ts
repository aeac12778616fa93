import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { runCli } from "./launch.ts";
import { differingTensors, readTensors } from "./support/reference-merge.ts";
import { expect, test } from "./support/workspace.ts";

const mnist = resolve(import.meta.dirname, "..", "..", "shared", "real", "mnist");
const torch = resolve(import.meta.dirname, "..", "..", "shared", "real", "torch");

test("a PyTorch chat model merges as its safetensors twin does", async ({ folder }) => {
  test.skip(!existsSync(mnist), "shared/real is not here");
  const base = join(mnist, "base.safetensors");
  const outs = [];
  for (const chat of ["chat.pt", "chat.safetensors"]) {
    const out = join(folder, chat);
    const words = ["--base", base, "--chat", join(mnist, chat), "--target", base, "--scale", "0.7", "--out", out];
    const { code, stderr } = await runCli(["merge", ...words]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    outs.push(out);
  }
  const [torchOut = "", twinOut = ""] = outs;
  const twin = await readTensors(twinOut);
  expect(twin.size).toBe(20);
  expect(await differingTensors(torchOut, new Map([...twin].map(([name, { bytes }]) => [name, bytes])))).toEqual([]);
});

test("PyTorch files merge in place: shards, a tied head, a transposed weight, the old format", async ({ folder }) => {
  test.skip(!existsSync(torch), "shared/real is not here");
  const expectedFile = join(torch, "llama-pico-expected.safetensors");
  const out = join(folder, "out");
  // Chat and base hold the same values, so the target's come out, gathered into the order that safetensors has.
  const sharded = join(torch, "llama-pico");
  const words = ["--base", sharded, "--chat", expectedFile, "--target", sharded];
  const { code, stdout, stderr } = await runCli(["merge", ...words, "--out", out, "--json"]);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(JSON.parse(stdout)).toMatchObject({ verified: { mismatches: 0 }, tensors: { copied: 0 } });
  const expected = await readTensors(torch);
  expect(await differingTensors(out, new Map([...expected].map(([name, { bytes }]) => [name, bytes])))).toEqual([]);
  const inspected = await runCli(["inspect", sharded, "--json"]);
  const views = JSON.parse(inspected.stdout).tensors.filter((tensor: { strides?: number[] }) => tensor.strides);
  // Saved as the transpose of [176, 64].
  expect(views).toMatchObject([0, 1].map(() => ({ shape: [64, 176], strides: [1, 64] })));
  const old = await runCli(["inspect", join(torch, "legacy.bin"), "--json"]);
  expect(JSON.parse(old.stdout)).toMatchObject({ format: "pytorch" });
});
