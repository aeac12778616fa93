import type { MeasureOperation } from "../engine/backend.ts";
import { groupElements, type MeasureLayout, noTargetNumber } from "./measure-table.ts";
import { commonDtypeNumber, dtypeNumbers, operationBytes } from "./operation-table.ts";
import { PipelineCache, type PipelineDescription } from "./pipeline-cache.ts";
import { measureCarefulShader, measurePairShader, measureShader } from "./shader-source.ts";

/** MEASURE_WORKGROUP of shaders/measure-operation.wgsl. */
const workgroupSize = 256;
const histogramCopies = 8;
/** Of the workgroups: nearly always there is nothing to do for measure-careful.wgsl. */
const carefulShare = 1 / 8;
/** Its count, and eight bytes for each tile. */
export const deferredHeaderBytes = 16;

export interface MeasureBuffers {
  readonly input: GPUBuffer;
  readonly partials: GPUBuffer;
  /** At least deferredTilesBytes; slots may share it. */
  readonly deferredTiles: GPUBuffer;
  /** Usable both as uniform and as storage. */
  readonly operations: GPUBuffer;
}

export interface MeasureBinding {
  readonly tiles: GPUBindGroup;
  readonly careful: GPUBindGroup;
}

export interface MeasureDispatch {
  readonly pipeline: GPUComputePipeline;
  /** null: of all operations. */
  readonly operationIndex: number | null;
  readonly workgroups: number;
}

/** Binds shaders/measure.wgsl, measure-pair.wgsl and measure-careful.wgsl: layouts, pipelines, dispatch. */
export class MeasureKernel {
  readonly tileElements: number;
  readonly #device: GPUDevice;
  readonly #maximumWorkgroups: number;
  readonly #groupsPerInvocation: number;
  readonly #tilesLayout: GPUBindGroupLayout;
  readonly #carefulLayout: GPUBindGroupLayout;
  readonly #tilesPipelines: PipelineCache;
  readonly #carefulPipelines: PipelineCache;

  constructor(device: GPUDevice, maximumWorkgroups: number, groupsPerInvocation = 4) {
    this.#device = device;
    this.#maximumWorkgroups = maximumWorkgroups;
    this.#groupsPerInvocation = groupsPerInvocation;
    this.tileElements = workgroupSize * groupsPerInvocation * groupElements;
    const layoutOf = (...buffers: GPUBufferBindingLayout[]) =>
      device.createBindGroupLayout({
        entries: buffers.map((buffer, binding) => ({ binding, visibility: GPUShaderStage.COMPUTE, buffer })),
      });
    this.#tilesLayout = layoutOf(
      { type: "read-only-storage" },
      { type: "storage" },
      { type: "storage" },
      {
        type: "uniform",
        hasDynamicOffset: true,
        minBindingSize: operationBytes,
      },
    );
    this.#carefulLayout = layoutOf(
      { type: "read-only-storage" },
      { type: "storage" },
      { type: "read-only-storage" },
      { type: "read-only-storage" },
    );
    this.#tilesPipelines = pipelinesOf(device, this.#tilesLayout);
    this.#carefulPipelines = pipelinesOf(device, this.#carefulLayout);
  }

  bind({ input, partials, deferredTiles, operations }: MeasureBuffers): MeasureBinding {
    const bindAll = (layout: GPUBindGroupLayout, operationsSize?: number) =>
      this.#device.createBindGroup({
        layout,
        entries: [
          { binding: 0, resource: { buffer: input } },
          { binding: 1, resource: { buffer: partials } },
          { binding: 2, resource: { buffer: deferredTiles } },
          {
            binding: 3,
            resource: { buffer: operations, ...(operationsSize === undefined ? {} : { size: operationsSize }) },
          },
        ],
      });
    return { tiles: bindAll(this.#tilesLayout, operationBytes), careful: bindAll(this.#carefulLayout) };
  }

  /** What runs the operations, in this order; compiles what is not there yet. Rejects with a StudioError `device-failed`. */
  async prepare(operations: readonly MeasureOperation[], layout: MeasureLayout): Promise<readonly MeasureDispatch[]> {
    const ofTiles = async (description: PipelineDescription, operationIndex: number): Promise<MeasureDispatch> => ({
      pipeline: await this.#tilesPipelines.get(description),
      operationIndex,
      workgroups: Math.min(layout.extents[operationIndex]?.tileCount ?? 0, this.#maximumWorkgroups),
    });
    const several = [...operations.entries()].filter(([, { vectors }]) => vectors.length > 1);
    return await Promise.all([
      ...operations.map((operation, index) => ofTiles(this.#describe(operation), index)),
      ...several.map(([index, operation]) => ofTiles(this.#describePairs(operation), index)),
      this.#careful(layout),
    ]);
  }

  record(
    pass: GPUComputePassEncoder,
    { tiles, careful }: MeasureBinding,
    dispatches: readonly MeasureDispatch[],
  ): void {
    for (const { pipeline, operationIndex, workgroups } of dispatches) {
      if (workgroups === 0) continue;
      pass.setPipeline(pipeline);
      if (operationIndex === null) pass.setBindGroup(0, careful);
      else pass.setBindGroup(0, tiles, [operationIndex * operationBytes]);
      pass.dispatchWorkgroups(workgroups);
    }
  }

  async #careful({ tileCount }: MeasureLayout): Promise<MeasureDispatch> {
    const { groupsPerInvocation } = this.#overrides;
    return {
      pipeline: await this.#carefulPipelines.get({
        files: measureCarefulShader,
        entryPoint: "measureCarefully",
        constants: { groupsPerInvocation },
      }),
      operationIndex: null,
      workgroups: Math.min(tileCount, Math.ceil(this.#maximumWorkgroups * carefulShare)),
    };
  }

  get #overrides() {
    return { groupsPerInvocation: this.#groupsPerInvocation };
  }

  #describe(operation: MeasureOperation): PipelineDescription {
    const constants = { ...this.#overrides, ...dtypesOf(operation), histogramCopies };
    return { files: measureShader, entryPoint: "measure", constants };
  }

  #describePairs(operation: MeasureOperation): PipelineDescription {
    const constants = { ...this.#overrides, ...dtypesOf(operation) };
    return { files: measurePairShader, entryPoint: "measurePairs", constants };
  }
}

/** Bytes of the list of deferred tiles. */
export function deferredTilesBytes(tileCount: number): number {
  return deferredHeaderBytes + 8 * tileCount;
}

function pipelinesOf(device: GPUDevice, layout: GPUBindGroupLayout): PipelineCache {
  return new PipelineCache(device, device.createPipelineLayout({ bindGroupLayouts: [layout] }));
}

/** A pipeline for exactly these dtypes; where vectors differ among themselves, one that looks them up. */
function dtypesOf({ target, vectors }: MeasureOperation): Record<string, number> {
  return {
    targetDtype: target === null ? noTargetNumber : dtypeNumbers[target.dtype],
    chatDtype: commonDtypeNumber(vectors.map(({ chat }) => chat.dtype)),
    baseDtype: commonDtypeNumber(vectors.map(({ base }) => base.dtype)),
  };
}
