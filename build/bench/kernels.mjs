import { join } from "node:path";
import { build } from "vite";
import { checkout } from "../checkout.mjs";
import { run } from "../child-process.mjs";
import { BootstrapError } from "../messages.mjs";
import { median, ratio } from "./rounds.mjs";
import { formatTable } from "./table.mjs";

/**
 * The WGSL kernels on this machine's GPU, or its software one, through Dawn in Node: bytes read and written, over what a plain copy moves
 * on the same device.
 * @param {object} options
 * @param {number} options.rounds
 * @param {number} [options.elementCount] of each model
 * @param {number} [options.repeats] runs in one timing: a GPU takes less than its clock for one
 * @param {string | null} options.vulkanDriver json of a software one, for machines without a GPU
 * @returns {Promise<string>} a table
 */
export async function benchKernels({ rounds, elementCount = 2 ** 24, repeats = 1, vulkanDriver }) {
  const script = await bundle();
  const args = [script, elementCount, repeats, rounds].map(String);
  const driver = vulkanDriver === null ? {} : { CHAT_VECTOR_VK_ICD: vulkanDriver };
  const { code, stdout, stderr } = await run(process.execPath, args, { env: { ...process.env, ...driver } });
  if (code !== 0) throw new Error(`the kernels' benchmark ended with ${code}: ${stderr.trim()}`);
  const result = JSON.parse(stdout.trim().split("\n").at(-1) ?? "null");
  if (result === null) throw new BootstrapError("there is no WebGPU adapter, not even a software one");
  /** @type {{ adapter: string, isSoftware: boolean, times: { name: string, bytes: number, seconds: number[] }[] }} */
  const { adapter, isSoftware, times } = result;
  const [copy] = times;
  if (copy === undefined) throw new Error("nothing was measured");
  const rows = times.map((time) => {
    const rate = time.bytes / median(time.seconds);
    const spread = `${(1000 * Math.min(...time.seconds)).toFixed(2)}–${(1000 * Math.max(...time.seconds)).toFixed(2)} ms`;
    const share = (time.bytes / copy.bytes) * ratio({ ...copy, note: "" }, { ...time, note: "" });
    return [time.name, `${(rate / 1e9).toFixed(1)} GB/s`, spread, share.toFixed(2)];
  });
  const note = isSoftware ? "\n\nThis is no GPU: what one would do was not measured." : "";
  return `${adapter}\n\n${formatTable(["kernel", "moved", "spread", "of a copy's bandwidth"], rows)}${note}`;
}

/** One script for Node alone; Dawn stays beside it. */
async function bundle() {
  const folder = join(checkout, "out", "bench");
  await build({
    configFile: false,
    root: checkout,
    publicDir: false,
    logLevel: "warn",
    ssr: { noExternal: true, external: ["webgpu"], target: "node" },
    build: {
      target: "node20",
      outDir: folder,
      emptyOutDir: false,
      minify: false,
      ssr: join(checkout, "e2e", "kernel-bench", "main.ts"),
      rolldownOptions: { external: ["webgpu"], output: { format: "esm", entryFileNames: "kernels.mjs" } },
    },
  });
  return join(folder, "kernels.mjs");
}
