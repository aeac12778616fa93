import type { MeasureOperation } from "../engine/backend.ts";
import { groupElements, type MeasureLayout, noTargetNumber } from "./measure-table.ts";
import { commonDtypeNumber, dtypeNumbers, operationBytes } from "./operation-table.ts";
import { PipelineCache, type PipelineDescription } from "./pipeline-cache.ts";
import { measureCarefulShader, measurePairShader, measureShader } from "./shader-source.ts";

/** How the kernels cut the work. Both shapes below take 8192 elements to a tile. */
export interface MeasureShape {
  /** Invocations of a workgroup. */
  readonly workgroupSize: number;
  /** Groups of eight elements that one invocation takes of a tile. */
  readonly groupsPerInvocation: number;
  /** Histograms of a workgroup that its invocations share out. */
  readonly histogramCopies: number;
}

/** Many invocations, and few that count in the same word at once; 13.6 KiB of workgroup memory of the 16 that every device has. */
export const measureShapeOnGpu: MeasureShape = { workgroupSize: 256, groupsPerInvocation: 4, histogramCopies: 8 };
/**
 * SwiftShader pays for each barrier by invocations, and for each word of workgroup memory when it compiles and when a workgroup starts:
 * the GPU's shape took 2.2 s to compile and 250–400 ms of CPU time for 24 MiB of bf16, this one 0.5 s and 70 ms.
 */
export const measureShapeOnCpu: MeasureShape = { workgroupSize: 32, groupsPerInvocation: 32, histogramCopies: 1 };

/** Elements that a workgroup adds up in f32 at a time. */
export function tileElementsOf({ workgroupSize, groupsPerInvocation }: MeasureShape): number {
  return workgroupSize * groupsPerInvocation * groupElements;
}

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
  readonly #shape: MeasureShape;
  readonly #tilesLayout: GPUBindGroupLayout;
  readonly #carefulLayout: GPUBindGroupLayout;
  readonly #tilesPipelines: PipelineCache;
  readonly #carefulPipelines: PipelineCache;

  constructor(device: GPUDevice, maximumWorkgroups: number, shape: MeasureShape) {
    this.#device = device;
    this.#maximumWorkgroups = maximumWorkgroups;
    this.#shape = shape;
    this.tileElements = tileElementsOf(shape);
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
    return {
      pipeline: await this.#carefulPipelines.get({
        files: measureCarefulShader,
        entryPoint: "measureCarefully",
        constants: this.#sizes,
      }),
      operationIndex: null,
      workgroups: Math.min(tileCount, Math.ceil(this.#maximumWorkgroups * carefulShare)),
    };
  }

  /** Overrides of all three shaders. */
  get #sizes() {
    const { workgroupSize, groupsPerInvocation } = this.#shape;
    return { workgroupSize, groupsPerInvocation };
  }

  #describe(operation: MeasureOperation): PipelineDescription {
    const constants = { ...this.#sizes, ...dtypesOf(operation), histogramCopies: this.#shape.histogramCopies };
    return { files: measureShader, entryPoint: "measure", constants };
  }

  #describePairs(operation: MeasureOperation): PipelineDescription {
    const constants = { ...this.#sizes, ...dtypesOf(operation) };
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

/** A pipeline for exactly these dtypes; where the vectors' differ among themselves, one that looks them up. */
function dtypesOf({ target, vectors }: MeasureOperation): Record<string, number> {
  return {
    targetDtype: target === null ? noTargetNumber : dtypeNumbers[target.dtype],
    vectorDtype: commonDtypeNumber(vectors.flatMap(({ chat, base }) => [chat.dtype, base.dtype])),
  };
}
