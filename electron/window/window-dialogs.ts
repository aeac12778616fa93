import { type BrowserWindow, dialog } from "electron";
import { weightFormats } from "../../src-core/checkpoint/weight-formats.ts";

const yamlFilters = [{ name: "Recipes", extensions: ["yaml", "yml"] }];
const weightSuffixes = weightFormats.flatMap(({ suffixes }) => suffixes);
/** An index of shards is a checkpoint too. */
const checkpointFilters = [
  { name: "Checkpoints", extensions: [...weightSuffixes, ".json"].map((suffix) => suffix.slice(1)) },
];

/** What a save dialog is opened with, of what differs from one to the next. */
type SaveOptions = Pick<Electron.SaveDialogOptions, "title" | "defaultPath" | "buttonLabel" | "filters" | "properties">;

/** The system's dialogs of one window, over it as long as it is there. Each resolves with a path; null when it was dismissed. */
export class WindowDialogs {
  readonly #window: () => BrowserWindow | null;

  constructor(window: () => BrowserWindow | null) {
    this.#window = window;
  }

  pickCheckpoint(kind: "folder" | "file"): Promise<string | null> {
    return this.#open({
      title: kind === "folder" ? "Choose a model's folder" : "Choose a model's file",
      properties: [kind === "folder" ? "openDirectory" : "openFile"],
      ...(kind === "file" ? { filters: checkpointFilters } : {}),
    });
  }

  pickRecipe(): Promise<string | null> {
    return this.#open({ title: "Open a recipe", properties: ["openFile"], filters: yamlFilters });
  }

  pickFolder(options: Pick<Electron.OpenDialogOptions, "title" | "defaultPath">): Promise<string | null> {
    return this.#open({ ...options, properties: ["openDirectory", "createDirectory"] });
  }

  /** Where to write a recipe. */
  saveYaml(options: { readonly title: string; readonly defaultPath: string }): Promise<string | null> {
    return this.save({ ...options, filters: yamlFilters });
  }

  async save(options: SaveOptions): Promise<string | null> {
    const window = this.#window();
    const { canceled, filePath } = await (window
      ? dialog.showSaveDialog(window, options)
      : dialog.showSaveDialog(options));
    return canceled || !filePath ? null : filePath;
  }

  /** Resolves with the pressed button's index. */
  async ask(options: Electron.MessageBoxOptions): Promise<number> {
    const window = this.#window();
    const { response } = await (window ? dialog.showMessageBox(window, options) : dialog.showMessageBox(options));
    return response;
  }

  async #open(options: Electron.OpenDialogOptions): Promise<string | null> {
    const window = this.#window();
    const { canceled, filePaths } = await (window
      ? dialog.showOpenDialog(window, options)
      : dialog.showOpenDialog(options));
    return canceled ? null : (filePaths[0] ?? null);
  }
}
