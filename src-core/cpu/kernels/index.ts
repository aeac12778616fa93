import { merge } from "./merge.ts";

/** What the compiled module gives: see KernelExports in src-core/cpu/serve-kernels.ts. */
export { merge };
