import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the checkout. */
export const checkout = dirname(dirname(fileURLToPath(import.meta.url)));

/** Ignored by git: a downloaded Electron and what was learned about this machine. */
export const runtimeFolder = join(checkout, ".runtime");
