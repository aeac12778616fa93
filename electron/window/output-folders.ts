import { randomUUID } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { app } from "electron";
import { shownText } from "../../src-core/checkpoint/quote.ts";
import { StudioError } from "../../src-core/errors.ts";
import type { OutputChoice } from "../api/exports.ts";
import { freeBytes, outputExists } from "../export/output-folder.ts";
import { findUnfinished } from "../export/unfinished-export.ts";
import { isSamplePath } from "./own-samples.ts";
import type { WindowDialogs } from "./window-dialogs.ts";

/** Folders to write that main proposed or the user picked: the window knows them by id. */
export class OutputFolders {
  readonly #dialogs: WindowDialogs;
  readonly #exportFolder: () => string | null;
  readonly #paths = new Map<string, string>();

  /** @param exportFolder where exports go unless told otherwise; null: beside their target */
  constructor(dialogs: WindowDialogs, exportFolder: () => string | null) {
    this.#dialogs = dialogs;
    this.#exportFolder = exportFolder;
  }

  /** A folder that does not exist yet: in the one for exports, or beside the target. */
  async propose(targetPath: string): Promise<OutputChoice> {
    const isSample = isSamplePath(targetPath);
    const exportFolder = this.#exportFolder();
    // A drive that is not there now must not keep anyone from exporting.
    const wanted = exportFolder !== null && (await outputExists(exportFolder)) ? exportFolder : null;
    // The samples lie where nobody looks; what is made of them should not.
    const folder = wanted ?? (isSample ? await documentsFolder() : dirname(targetPath));
    const name = isSample ? "sample-model" : basename(targetPath).replace(/\.(safetensors(\.index\.json)?)$/, "");
    for (let attempt = 1; ; attempt++) {
      const candidate = join(folder, `${name}-chat${attempt === 1 ? "" : `-${attempt}`}`);
      if (!(await outputExists(candidate))) return this.#choice(candidate);
    }
  }

  /** Null when the dialog was dismissed. */
  async pick(currentId: string | null): Promise<OutputChoice | null> {
    const path = await this.#dialogs.save({
      title: "Choose the folder to write",
      ...(currentId === null ? {} : { defaultPath: this.pathOf(currentId) }),
      buttonLabel: "Choose",
      properties: ["createDirectory", "showOverwriteConfirmation"],
    });
    return path === null ? null : this.#choice(path);
  }

  /** Throws a StudioError for an id that was never given. */
  pathOf(id: string): string {
    const path = this.#paths.get(id);
    if (path === undefined) throw new StudioError({ code: "output-invalid", what: "Choose a folder to write" });
    return path;
  }

  async #choice(path: string): Promise<OutputChoice> {
    const id = randomUUID();
    this.#paths.set(id, path);
    const found = await findUnfinished(path);
    const unfinished = found === null || found.bytesWritten === 0 ? null : unfinishedOf(found);
    const exists = await outputExists(path);
    return { id, path: shownText(path), exists, freeBytes: await freeBytes(dirname(path)), unfinished };
  }
}

function unfinishedOf({ record, bytesWritten }: NonNullable<Awaited<ReturnType<typeof findUnfinished>>>) {
  return { bytesWritten, bytesToWrite: record.bytesToWrite, startedAt: record.startedAt };
}

/** Not every system makes the folder that it names. */
async function documentsFolder(): Promise<string> {
  const documents = app.getPath("documents");
  return (await outputExists(documents)) ? documents : app.getPath("home");
}
