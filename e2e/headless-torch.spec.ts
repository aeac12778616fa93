import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { runCli } from "./launch.ts";
import { differingTensors, readTensors } from "./support/reference-merge.ts";
import { expect, test } from "./support/workspace.ts";

const torch = resolve(import.meta.dirname, "..", "..", "shared", "real", "torch");

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
  const old = await runCli(["inspect", join(torch, "legacy.bin"), "--json"]);
  expect(JSON.parse(old.stdout)).toMatchObject({ format: "pytorch" });
});
