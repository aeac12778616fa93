import { resolve } from "node:path";
import { parseParameterCount } from "../../src-core/samples/parameter-count.ts";
import { makeSampleModels } from "../sample-models.ts";
import type { SamplesOptions } from "./command-line.ts";

/** Makes a sample triple and says where it is. */
export async function samples(
  { out, parameters, layers, experts, seed, json }: SamplesOptions,
  signal: AbortSignal,
): Promise<string> {
  const paths = await makeSampleModels({
    directory: resolve(out),
    parameters: parseParameterCount(parameters),
    seed,
    ...(layers === undefined ? {} : { layers }),
    ...(experts === undefined ? {} : { experts }),
    signal,
  });
  return json
    ? JSON.stringify(paths)
    : [`base    ${paths.base}`, `chat    ${paths.chat}`, `target  ${paths.target}`].join("\n");
}
