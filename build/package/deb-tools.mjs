import { join } from "node:path";
import { checkout } from "../checkout.mjs";
import { findProgram } from "../child-process.mjs";

const makeDeb = join(checkout, "build", "package", "linux", "make-deb.mjs");

/**
 * Has electron-builder make debs with this system's dpkg-deb in place of a downloaded fpm, where it is there and nobody said otherwise.
 * @returns {boolean} whether it is
 */
export function takeOwnDebMaker() {
  // What electron-builder takes no path with.
  const isUnsafe = /[;&|`$<>"'\\]/.test(makeDeb);
  if (process.platform !== "linux" || findProgram("dpkg-deb") === null || isUnsafe) return false;
  process.env.CUSTOM_FPM_PATH ??= makeDeb;
  return process.env.CUSTOM_FPM_PATH === makeDeb;
}
