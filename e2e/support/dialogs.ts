import type { ElectronApplication } from "@playwright/test";

/** The next dialogs that open files or folders are answered with these paths, one after another. */
export async function answerOpenDialogs(app: ElectronApplication, paths: readonly string[]): Promise<void> {
  await app.evaluate(({ dialog }, answers) => {
    const left = [...answers];
    dialog.showOpenDialog = async () => {
      const path = left.shift();
      return path === undefined ? { canceled: true, filePaths: [] } : { canceled: false, filePaths: [path] };
    };
  }, paths);
}

export async function answerSaveDialog(app: ElectronApplication, path: string): Promise<void> {
  await app.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = async () => ({ canceled: false, filePath });
  }, path);
}
