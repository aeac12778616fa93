import { spawn } from "node:child_process";
import { join } from "node:path";
import { electronArguments } from "../build/electron-runtime.mjs";
import { type Memory, watchPeakMemory } from "../build/peak-memory.mjs";
import { sandboxSwitches } from "../build/sandbox.mjs";
import { electronUnderTest, runCli } from "./launch.ts";
import { expect, test } from "./support/workspace.ts";

const GiB = 2 ** 30;

/** Peak of all the application's processes while it merges a triple of so many parameters. */
async function peakOfMerge(folder: string, parameters: string, backend: string): Promise<Memory> {
  const made = await runCli(["samples", "--out", join(folder, parameters), "--parameters", parameters, "--json"]);
  const { base, chat, target } = JSON.parse(made.stdout);
  const words = [
    "merge",
    "--base",
    base,
    "--chat",
    chat,
    "--target",
    target,
    "--out",
    join(folder, `${parameters}-out`),
    "--backend",
    backend,
  ];
  const executablePath = electronUnderTest();
  const switches = [...sandboxSwitches(executablePath), "--log-level=3"];
  const child = spawn(executablePath, electronArguments(executablePath, { mode: "command", args: words, switches }), {
    stdio: "ignore",
  });
  const watch = watchPeakMemory(child.pid ?? 0, 50);
  const code = await new Promise((resolve) => child.on("close", resolve));
  const peak = watch.stop();
  expect(code).toBe(0);
  return peak;
}

for (const backend of ["cpu", "gpu"]) {
  test(`memory is set by the ring, not by the model: ${backend}`, async ({ folder }) => {
    test.skip(process.platform !== "linux", "memory is read from /proc");
    test.setTimeout(300_000);
    const small = await peakOfMerge(folder, "100M", backend);
    const large = await peakOfMerge(folder, "300M", backend);
    test.info().annotations.push({
      type: "peak",
      description: `${(small.own / GiB).toFixed(2)} GiB at 100M, ${(large.own / GiB).toFixed(2)} GiB at 300M`,
    });
    expect(large.own).toBeLessThan(1.2 * GiB);
    // A ring's memory counts once it is used, and a merge whose threads read by themselves may use none of the CPU's, of 18 MiB of input.
    expect(large.own).toBeLessThan(1.15 * small.own + 32 * 1024 ** 2);
  });
}
