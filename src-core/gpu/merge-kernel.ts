import type { MergeOperation } from "../engine/backend.ts";
import { commonDtypeNumber, dtypeNumbers, operationBytes } from "./operation-table.ts";
import { PipelineCache, type PipelineDescription } from "./pipeline-cache.ts";
import { carefulShader, mergeShader } from "./shader-source.ts";

/** Elements that one invocation of merge.wgsl takes at a time, and its workgroup's invocations. */
const groupElements = 8;
const mergeWorkgroupSize = 256;
const carefulWorkgroupSize = 64;
/**
 * Of the workgroups for merge.wgsl. Nearly always there is nothing to do for merge-careful.wgsl; on SwiftShader each of its workgroups
 * costs 0.06–0.09 ms even so (a chunk's merge takes about 30 ms).
 */
const carefulShare = 1 / 8;

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

  /**
   * What runs the operations, in this order; compiles what is not there yet. Rejects with a StudioError `device-failed`.
   */
  async prepare(operations: readonly MergeOperation[]): Promise<readonly Dispatch[]> {
    const careful = { files: carefulShader, entryPoint: "mergeCarefully", constants: {} };
    const carefulMaximum = Math.ceil(this.#maximumWorkgroups * carefulShare);
    return await Promise.all([
      ...operations.map((each, index) =>
        this.#dispatch(mergePipeline(each), index, workgroupsFor(each, mergeWorkgroupSize, this.#maximumWorkgroups)),
      ),
      ...operations.map((each, index) =>
        this.#dispatch(careful, index, workgroupsFor(each, carefulWorkgroupSize, carefulMaximum)),
      ),
    ]);
  }

  async #dispatch(description: PipelineDescription, operationIndex: number, workgroups: number): Promise<Dispatch> {
    return { pipeline: await this.#pipelines.get(description), operationIndex, workgroups };
  }
}

export interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  readonly operationIndex: number;
  readonly workgroups: number;
}

/** The operation at index i is read from byte i · operationBytes of the bound operations. */
export function recordDispatches(
  pass: GPUComputePassEncoder,
  bindGroup: GPUBindGroup,
  dispatches: readonly Dispatch[],
): void {
  for (const { pipeline, operationIndex, workgroups } of dispatches) {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup, [operationIndex * operationBytes]);
    if (workgroups > 0) pass.dispatchWorkgroups(workgroups);
  }
}

/** 0 for an operation without elements. */
function workgroupsFor({ elementCount }: MergeOperation, workgroupSize: number, maximum: number): number {
  return Math.min(Math.ceil(elementCount / (groupElements * workgroupSize)), maximum);
}

/** A pipeline for exactly these dtypes; where vectors differ among themselves, one that looks them up. */
function mergePipeline({ target, vectors, output }: MergeOperation): PipelineDescription {
  return {
    files: mergeShader,
    entryPoint: "merge",
    constants: {
      targetDtype: dtypeNumbers[target.dtype],
      chatDtype: commonDtypeNumber(vectors.map(({ chat }) => chat.dtype)),
      baseDtype: commonDtypeNumber(vectors.map(({ base }) => base.dtype)),
      outputDtype: dtypeNumbers[output.dtype],
      vectorMode: Math.min(vectors.length, 2),
    },
  };
}
