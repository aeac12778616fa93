import { resolve } from "node:path";
import { StudioError } from "../../src-core/errors.ts";
import { parseParameterCount } from "../../src-core/samples/parameter-count.ts";
import { makeSampleModels } from "../samples/sample-models.ts";
import type { SamplesOptions } from "./commands.ts";

/** Makes a sample triple and says where it is. */
export async function samples(options: SamplesOptions, signal: AbortSignal): Promise<string> {
  const { out, parameters, layers, experts, seed, ownTokens, shuffled, tied, json } = options;
  if (shuffled && ownTokens === undefined) {
    throw new StudioError({ code: "usage", what: "--shuffled needs --own-tokens" });
  }
  const order = shuffled ? "shuffled" : "appended";
  const paths = await makeSampleModels({
    directory: resolve(out),
    parameters: parseParameterCount(parameters),
    seed,
    ...(layers === undefined ? {} : { layers }),
    ...(experts === undefined ? {} : { experts }),
    ...(tied ? { tieWordEmbeddings: true } : {}),
    ...(ownTokens === undefined ? {} : { targetVocabulary: { ownTokens, order } }),
    signal,
  });
  return json
    ? JSON.stringify(paths)
    : [`base    ${paths.base}`, `chat    ${paths.chat}`, `target  ${paths.target}`].join("\n");
}
