import type { MergeableDtype } from "../../src-core/checkpoint/dtype.ts";
import { bytesPerElement } from "../../src-core/checkpoint/dtype.ts";
import type { MeasureOperation, MergeOperation } from "../../src-core/engine/backend.ts";
import { type ComputeDevice, requestComputeDevice } from "../../src-core/gpu/device.ts";
import { deferredTilesBytes, MeasureKernel } from "../../src-core/gpu/measure-kernel.ts";
import { layOutMeasures, packMeasureOperations } from "../../src-core/gpu/measure-table.ts";
import { MergeKernel, recordDispatches } from "../../src-core/gpu/merge-kernel.ts";
import { counterBytes, packOperations } from "../../src-core/gpu/operation-table.ts";
import { findDawnGpu } from "../../src-core/test-support/dawn.ts";

export interface KernelTime {
  readonly name: string;
  /** Read and written by one run. */
  readonly bytes: number;
  readonly seconds: readonly number[];
}

export interface KernelBench {
  readonly adapter: string;
  readonly isSoftware: boolean;
  readonly times: readonly KernelTime[];
}

interface Job {
  readonly name: string;
  readonly bytes: number;
  readonly record: (encoder: GPUCommandEncoder) => void;
}

/**
 * Times the kernels and a copy on the device's own memory, one after the other in each round. null without an adapter.
 * `elementCount` elements of each model; `repeats` runs make up one timing.
 */
export async function benchKernels(options: {
  readonly elementCount: number;
  readonly repeats: number;
  readonly rounds: number;
}): Promise<KernelBench | null> {
  const gpu = await findDawnGpu();
  if (gpu === null) return null;
  const compute = await requestComputeDevice(gpu);
  const refusals: string[] = [];
  compute.device.addEventListener("uncapturederror", ({ error }) => refusals.push(error.message));
  const bench = openBench(compute.device, options.elementCount);
  const jobs = await makeJobs(compute, bench, options.elementCount);
  const seconds = jobs.map((): number[] => []);
  for (const job of jobs) await timeOf(bench, job, 1);
  for (let round = 0; round < options.rounds; round++) {
    for (const [index, job] of jobs.entries()) {
      seconds[index]?.push((await timeOf(bench, job, options.repeats)) / options.repeats);
    }
  }
  // What the device refuses it does not do, in no time.
  if (refusals.length > 0) throw new Error(refusals[0]);
  const times = jobs.map(({ name, bytes }, index) => ({ name, bytes, seconds: seconds[index] ?? [] }));
  return { adapter: compute.info.name, isSoftware: compute.info.isFallback, times };
}

/** Of one submission, from handing it over until a word that its last run wrote can be read. */
async function timeOf({ device, output, readback }: Bench, { record }: Job, repeats: number): Promise<number> {
  const encoder = device.createCommandEncoder();
  for (let repeat = 0; repeat < repeats; repeat++) record(encoder);
  encoder.copyBufferToBuffer(output, 0, readback, 0, readback.size);
  const commands = encoder.finish();
  const startedAt = performance.now();
  device.queue.submit([commands]);
  await readback.mapAsync(GPUMapMode.READ);
  const seconds = (performance.now() - startedAt) / 1000;
  readback.unmap();
  return seconds;
}

const pairs: readonly { readonly input: MergeableDtype; readonly output: MergeableDtype }[] = [
  { input: "BF16", output: "BF16" },
  { input: "F16", output: "F16" },
  { input: "F32", output: "F32" },
];

interface Bench {
  readonly device: GPUDevice;
  readonly input: GPUBuffer;
  readonly output: GPUBuffer;
  readonly readback: GPUBuffer;
}

function openBench(device: GPUDevice, elementCount: number): Bench {
  const { STORAGE, COPY_DST, COPY_SRC, MAP_READ } = GPUBufferUsage;
  const input = device.createBuffer({ size: 12 * elementCount, usage: STORAGE | COPY_DST | COPY_SRC });
  const output = device.createBuffer({ size: 4 * elementCount, usage: STORAGE | COPY_SRC | COPY_DST });
  fillWithWeights(device, input);
  return { device, input, output, readback: device.createBuffer({ size: 4, usage: MAP_READ | COPY_DST }) };
}

async function makeJobs(compute: ComputeDevice, { input, output }: Bench, elementCount: number): Promise<Job[]> {
  const copyBytes = 4 * elementCount;
  const copy: Job = {
    name: "copy",
    bytes: 2 * copyBytes,
    record: (encoder) => encoder.copyBufferToBuffer(input, 0, output, 0, copyBytes),
  };
  const jobs = [copy];
  for (const { input: dtype, output: outputDtype } of pairs) {
    jobs.push(await mergeJob(compute, { input, output }, dtype, outputDtype, elementCount));
    jobs.push(await measureJob(compute, { input, output }, dtype, elementCount));
  }
  return jobs;
}

interface Buffers {
  readonly input: GPUBuffer;
  readonly output: GPUBuffer;
}

async function mergeJob(
  { device, maximumWorkgroups }: ComputeDevice,
  { input, output }: Buffers,
  dtype: MergeableDtype,
  outputDtype: MergeableDtype,
  elementCount: number,
): Promise<Job> {
  const kernel = new MergeKernel(device, maximumWorkgroups);
  const operation: MergeOperation = {
    elementCount,
    ...modelsOf(dtype, elementCount),
    output: { dtype: outputDtype, byteOffset: 0 },
  };
  const { STORAGE, UNIFORM, COPY_DST } = GPUBufferUsage;
  const operations = bufferOf(device, packOperations([operation]), STORAGE | UNIFORM | COPY_DST);
  const counters = device.createBuffer({ size: counterBytes, usage: STORAGE | COPY_DST });
  const deferredGroups = device.createBuffer({ size: output.size / 4, usage: STORAGE | COPY_DST });
  const binding = kernel.bind({ input, output, deferredGroups, counters, operations });
  const dispatches = await kernel.prepare([operation]);
  return {
    name: `merge ${dtype}`,
    bytes: elementCount * (3 * bytesPerElement(dtype) + bytesPerElement(outputDtype)),
    record: (encoder) => {
      encoder.clearBuffer(counters);
      const pass = encoder.beginComputePass();
      recordDispatches(pass, binding, dispatches);
      pass.end();
    },
  };
}

async function measureJob(
  { device, maximumWorkgroups, measureShape }: ComputeDevice,
  { input, output }: Buffers,
  dtype: MergeableDtype,
  elementCount: number,
): Promise<Job> {
  const kernel = new MeasureKernel(device, maximumWorkgroups, measureShape);
  const operation: MeasureOperation = { elementCount, ...modelsOf(dtype, elementCount) };
  const layout = layOutMeasures([operation], kernel.tileElements);
  if (4 * layout.wordCount > output.size) throw new RangeError("the partial sums do not fit");
  const { STORAGE, UNIFORM, COPY_DST } = GPUBufferUsage;
  const words = packMeasureOperations([operation], layout.extents);
  const operations = bufferOf(device, words, STORAGE | UNIFORM | COPY_DST);
  const deferredTiles = device.createBuffer({
    size: deferredTilesBytes(layout.tileCount),
    usage: STORAGE | COPY_DST,
  });
  const binding = kernel.bind({ input, partials: output, deferredTiles, operations });
  const dispatches = await kernel.prepare([operation], layout);
  return {
    name: `measure ${dtype}`,
    bytes: elementCount * 3 * bytesPerElement(dtype) + 4 * layout.wordCount,
    record: (encoder) => {
      encoder.clearBuffer(deferredTiles, 0, 16);
      const pass = encoder.beginComputePass();
      kernel.record(pass, binding, dispatches);
      pass.end();
    },
  };
}

/** Target, chat and base, side by side. */
function modelsOf(dtype: MergeableDtype, elementCount: number) {
  const at = (index: number) => ({ dtype, byteOffset: index * elementCount * bytesPerElement(dtype) });
  return { target: at(0), vectors: [{ scale: Math.fround(0.7), chat: at(1), base: at(2) }] };
}

function bufferOf(device: GPUDevice, words: Uint32Array<ArrayBuffer>, usage: number): GPUBuffer {
  const buffer = device.createBuffer({ size: words.byteLength, usage });
  device.queue.writeBuffer(buffer, 0, words);
  return buffer;
}

/** Ordinary numbers whichever dtype they are read as, none of them alike: what is subnormal or infinite would take another path. */
function fillWithWeights(device: GPUDevice, buffer: GPUBuffer): void {
  const words = new Uint32Array(Math.min(buffer.size, 2 ** 22) / 4);
  let state = 0x9e3779b9;
  const half = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    // Exponents in the middle of f16's range and of bf16's.
    return 0x3800 | ((state >>> 16) & 0x83ff);
  };
  for (let index = 0; index < words.length; index++) words[index] = (half() << 16) | half();
  for (let at = 0; at < buffer.size; at += words.byteLength) {
    const count = Math.min(words.byteLength, buffer.size - at) / 4;
    device.queue.writeBuffer(buffer, at, words, 0, count);
  }
}
