import { webUtils } from "electron";

/** The path of a file that the user dropped. Electron before 29 has no webUtils and puts the path on the File itself. */
export function pathForFile(file: File): string {
  if (typeof webUtils === "object") return webUtils.getPathForFile(file);
  return "path" in file && typeof file.path === "string" ? file.path : "";
}
