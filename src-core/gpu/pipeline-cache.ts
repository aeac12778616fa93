import { StudioError } from "../errors.ts";
import { inErrorScopes } from "./error-scopes.ts";
import { locateLine, type ShaderFile, shaderText } from "./shader-source.ts";

export interface PipelineDescription {
  readonly files: readonly ShaderFile[];
  readonly entryPoint: string;
  /** Values of the shader's overrides. */
  readonly constants: Readonly<Record<string, number>>;
}

/** Compute pipelines of one layout, each compiled once per device. */
export class PipelineCache {
  readonly #device: GPUDevice;
  readonly #layout: GPUPipelineLayout;
  readonly #modules = new Map<readonly ShaderFile[], Promise<GPUShaderModule>>();
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>();

  constructor(device: GPUDevice, layout: GPUPipelineLayout) {
    this.#device = device;
    this.#layout = layout;
  }

  /** Rejects with a StudioError `device-failed` that holds the compiler's messages with file, line, column and source. */
  get(description: PipelineDescription): Promise<GPUComputePipeline> {
    const key = JSON.stringify([description.entryPoint, description.constants]);
    let pipeline = this.#pipelines.get(key);
    if (pipeline === undefined) {
      pipeline = this.#compile(description, key);
      this.#pipelines.set(key, pipeline);
    }
    return pipeline;
  }

  async #compile({ files, entryPoint, constants }: PipelineDescription, label: string): Promise<GPUComputePipeline> {
    const module = await this.#module(files);
    try {
      return await this.#device.createComputePipelineAsync({
        label,
        layout: this.#layout,
        compute: { module, entryPoint, constants: { ...constants } },
      });
    } catch (cause) {
      throw new StudioError(
        {
          code: "device-failed",
          what: "The compute device cannot make a pipeline",
          where: entryPoint,
          actual: cause instanceof Error ? cause.message : String(cause),
        },
        { cause },
      );
    }
  }

  #module(files: readonly ShaderFile[]): Promise<GPUShaderModule> {
    let module = this.#modules.get(files);
    if (module === undefined) {
      module = compileModule(this.#device, files);
      this.#modules.set(files, module);
    }
    return module;
  }
}

async function compileModule(device: GPUDevice, files: readonly ShaderFile[]): Promise<GPUShaderModule> {
  const label = files.at(-1)?.name ?? "";
  const { value: module, failure } = inErrorScopes(device, label, () =>
    device.createShaderModule({ label, code: shaderText(files) }),
  );
  const { messages } = await module.getCompilationInfo();
  const errors = messages.filter(({ type }) => type === "error");
  const refused = await failure;
  if (errors.length === 0 && refused === null) return module;
  if (errors.length === 0) throw refused;
  throw new StudioError({
    code: "device-failed",
    what: "The compute device cannot compile a shader",
    where: label,
    actual: errors.map((error) => describeMessage(files, error)).join("; "),
  });
}

function describeMessage(files: readonly ShaderFile[], { lineNum, linePos, message }: GPUCompilationMessage): string {
  const { place, source } = locateLine(files, lineNum);
  return `${place}:${linePos}: ${message} at "${source}"`;
}
