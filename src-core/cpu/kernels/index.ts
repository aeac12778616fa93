import { beginMeasure, finishMeasure, measure, measureElements } from "./measure.ts";
import { merge } from "./merge.ts";
import { operationBytes } from "./operation.ts";
import { measureTileElements, scratchBytes } from "./scratch.ts";

/** What the compiled module gives: see KernelExports in src-core/cpu/kernel-protocol.ts. The sizes are for a test to compare. */
export {
  beginMeasure,
  finishMeasure,
  measure,
  measureElements,
  measureTileElements,
  merge,
  operationBytes,
  scratchBytes,
};
