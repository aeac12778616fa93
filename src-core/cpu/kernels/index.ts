/** What the compiled module exports: see KernelExports in src-core/cpu/serve-kernels.ts. */
export { merge } from "./merge.ts";
