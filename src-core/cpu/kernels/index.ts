import { measure } from "./measure.ts";
import { merge } from "./merge.ts";
import { operationBytes } from "./operation.ts";
import { scratchBytes } from "./scratch.ts";

/** What the compiled module gives: see KernelExports in src-core/cpu/kernel-protocol.ts. The sizes are for a test to compare. */
export { measure, merge, operationBytes, scratchBytes };
