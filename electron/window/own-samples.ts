import { join } from "node:path";
import { app } from "electron";
import { describeSample, sampleSetName, smallSample } from "../../src-core/samples/sample-options.ts";
import { makeSampleModels } from "../samples/sample-models.ts";

/** Where the sample models are kept once they were made. */
const samplesFolder = () => join(app.getPath("userData"), "sample-models");

/** Whether that is one of the samples, which lie where nobody looks. */
export function isSamplePath(path: string): boolean {
  return path.startsWith(samplesFolder());
}

/** Paths of the small sample models, which are made the first time. */
export function ownSamples(): ReturnType<typeof makeSampleModels> {
  // Named after what is in it, so that a later version's samples do not meet an earlier one's.
  const set = sampleSetName(describeSample(smallSample));
  // On a card the name stands under the role: it should say more than that.
  return makeSampleModels({ directory: join(samplesFolder(), set), prefix: "sample-" });
}
