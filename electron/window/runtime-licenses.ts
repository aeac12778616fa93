import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { app, shell } from "electron";
import { StudioError } from "../../src-core/errors.ts";

const fileName = "LICENSES.chromium.html";

/** Opens the licenses of Electron and Chromium in the system's browser. Rejects where they are missing, or nothing opens them. */
export async function openRuntimeLicenses(): Promise<void> {
  const folders = [dirname(app.getPath("exe")), process.resourcesPath];
  const path = folders.map((folder) => join(folder, fileName)).find((each) => existsSync(each));
  const problem = path === undefined ? "it is not there" : await shell.openPath(path);
  if (problem === "") return;
  throw new StudioError({
    code: "read-failed",
    what: "The licenses of Electron and Chromium could not be opened",
    where: path ?? join(folders[0] ?? "", fileName),
    actual: problem,
    advice: "Electron's package carries them as well",
  });
}
