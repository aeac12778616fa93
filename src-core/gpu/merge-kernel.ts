import type { MergeOperation } from "../engine/backend.ts";
import { anyDtypeNumber, dtypeNumbers, operationBytes } from "./operation-table.ts";
import { PipelineCache, type PipelineDescription } from "./pipeline-cache.ts";
import { carefulShader, mergeShader } from "./shader-source.ts";

/** Elements that one invocation of merge.wgsl takes at a time, and its workgroup's invocations. */
const groupElements = 8;
const mergeWorkgroupSize = 256;
const carefulWorkgroupSize = 64;

export interface MergeBuffers {
  readonly input: GPUBuffer;
  readonly output: GPUBuffer;
  /** Four bytes for every 16 of `output`; slots may share it. */
  readonly deferredGroups: GPUBuffer;
  readonly counters: GPUBuffer;
  readonly operations: GPUBuffer;
}

/** Binds shaders/merge.wgsl and shaders/merge-careful.wgsl: layouts, pipelines, dispatch. */
export class MergeKernel {
  readonly #device: GPUDevice;
  readonly #bindGroupLayout: GPUBindGroupLayout;
  readonly #pipelines: PipelineCache;
  readonly #maximumWorkgroups: number;

  constructor(device: GPUDevice, maximumWorkgroups: number) {
    this.#device = device;
    this.#maximumWorkgroups = maximumWorkgroups;
    const types = ["read-only-storage", "storage", "storage", "storage", "uniform"] as const;
    this.#bindGroupLayout = device.createBindGroupLayout({
      entries: types.map((type, binding) => ({
        binding,
        visibility: GPUShaderStage.COMPUTE,
        buffer: type === "uniform" ? { type, hasDynamicOffset: true, minBindingSize: operationBytes } : { type },
      })),
    });
    const layout = device.createPipelineLayout({ bindGroupLayouts: [this.#bindGroupLayout] });
    this.#pipelines = new PipelineCache(device, layout);
  }

  bind({ input, output, deferredGroups, counters, operations }: MergeBuffers): GPUBindGroup {
    return this.#device.createBindGroup({
      layout: this.#bindGroupLayout,
      entries: [
        { binding: 0, resource: { buffer: input } },
        { binding: 1, resource: { buffer: output } },
        { binding: 2, resource: { buffer: deferredGroups } },
        { binding: 3, resource: { buffer: counters } },
        { binding: 4, resource: { buffer: operations, size: operationBytes } },
      ],
    });
  }

  /** Compiles what the operations need, unless it is there already. Rejects with a StudioError `device-failed`. */
  async prepare(operations: readonly MergeOperation[]): Promise<MergeRun> {
    const [careful, ...merges] = await Promise.all([
      this.#pipelines.get({ files: carefulShader, entryPoint: "mergeCarefully", constants: {} }),
      ...operations.map((operation) => this.#pipelines.get(mergePipeline(operation))),
    ]);
    return new MergeRun(operations, merges, careful, this.#maximumWorkgroups);
  }
}

/** Operations with their pipelines, ready to be recorded. */
export class MergeRun {
  readonly #operations: readonly MergeOperation[];
  readonly #merges: readonly GPUComputePipeline[];
  readonly #careful: GPUComputePipeline;
  readonly #maximumWorkgroups: number;

  constructor(
    operations: readonly MergeOperation[],
    merges: readonly GPUComputePipeline[],
    careful: GPUComputePipeline,
    maximumWorkgroups: number,
  ) {
    this.#operations = operations;
    this.#merges = merges;
    this.#careful = careful;
    this.#maximumWorkgroups = maximumWorkgroups;
  }

  /** Records all operations; the one at index i is read from byte i · operationBytes of the bound operations. */
  record(pass: GPUComputePassEncoder, bindGroup: GPUBindGroup): void {
    this.#operations.forEach(({ elementCount }, index) => {
      const pipeline = this.#merges[index];
      if (pipeline === undefined || elementCount === 0) return;
      this.#dispatch(pass, pipeline, bindGroup, index, mergeWorkgroupSize);
    });
    this.#operations.forEach(({ elementCount }, index) => {
      if (elementCount > 0) this.#dispatch(pass, this.#careful, bindGroup, index, carefulWorkgroupSize);
    });
  }

  #dispatch(
    pass: GPUComputePassEncoder,
    pipeline: GPUComputePipeline,
    bindGroup: GPUBindGroup,
    index: number,
    workgroupSize: number,
  ): void {
    const groups = Math.ceil((this.#operations[index]?.elementCount ?? 0) / groupElements);
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup, [index * operationBytes]);
    pass.dispatchWorkgroups(Math.min(Math.ceil(groups / workgroupSize), this.#maximumWorkgroups));
  }
}

/** A pipeline for exactly these dtypes; where vectors differ among themselves, one that looks them up. */
function mergePipeline({ target, vectors, output }: MergeOperation): PipelineDescription {
  const common = (dtypes: readonly number[]) => (new Set(dtypes).size === 1 ? (dtypes[0] ?? 0) : anyDtypeNumber);
  return {
    files: mergeShader,
    entryPoint: "merge",
    constants: {
      targetDtype: dtypeNumbers[target.dtype],
      chatDtype: common(vectors.map(({ chat }) => dtypeNumbers[chat.dtype])),
      baseDtype: common(vectors.map(({ base }) => dtypeNumbers[base.dtype])),
      outputDtype: dtypeNumbers[output.dtype],
      vectorMode: Math.min(vectors.length, 2),
    },
  };
}
