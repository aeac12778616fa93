import { readFile } from "node:fs/promises";
import type { ElectronApplication } from "@playwright/test";

/** The process of the hidden window that reads the models. */
export async function engineProcessId(app: ElectronApplication): Promise<number> {
  return app.evaluate(({ webContents }) => {
    const engine = webContents.getAllWebContents().find((contents) => contents.getURL().startsWith("studio://engine/"));
    if (engine === undefined) throw new Error("there is no engine window");
    return engine.getOSProcessId();
  });
}

/** Bytes that a process has read through system calls since it started. Linux only. */
export async function bytesReadBy(processId: number): Promise<number> {
  const text = await readFile(`/proc/${processId}/io`, "utf8");
  return Number(/^rchar: (\d+)$/m.exec(text)?.[1]);
}

/** KiB of files below a folder that a process has in memory through its maps. Linux only. */
export async function mappedResidentKiB(processId: number, folder: string): Promise<number> {
  const text = await readFile(`/proc/${processId}/smaps`, "utf8");
  let inside = false;
  let sum = 0;
  for (const line of text.split("\n")) {
    if (/^[0-9a-f]+-[0-9a-f]+ /.test(line)) inside = line.includes(folder);
    else if (inside && line.startsWith("Rss:")) sum += Number(/(\d+) kB/.exec(line)?.[1]);
  }
  return sum;
}
