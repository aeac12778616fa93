import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { app } from "electron";
import { StudioError } from "../../src-core/errors.ts";
import type { Figure } from "../api/window.ts";
import type { WindowDialogs } from "./window-dialogs.ts";

/** Asks for a place and writes the file; false when the dialog was dismissed. */
export async function saveFigure({ name, type, data }: Figure, dialogs: WindowDialogs): Promise<boolean> {
  const defaultPath = join(app.getPath("documents"), `${name}.${type}`);
  const path = await dialogs.save({ title: "Save the figure", defaultPath });
  if (path === null) return false;
  await writeFile(path, data).catch((error: unknown) => {
    const actual = error instanceof Error ? error.message : String(error);
    throw new StudioError({ code: "write-failed", what: "The figure could not be saved", where: path, actual });
  });
  return true;
}
