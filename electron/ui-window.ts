import { join } from "node:path";
import { BrowserWindow, nativeTheme } from "electron";
import { scheme } from "./app-scheme.ts";
import { isDevelopment } from "./development.ts";

export const uiUrl = `${scheme}://app/index.html`;

/** The window that people see: sandboxed, without Node, talking only through its preload. */
export function createUiWindow(outFolder: string): BrowserWindow {
  const window = new BrowserWindow({
    width: 1280,
    height: 800,
    minWidth: 720,
    minHeight: 480,
    show: false,
    title: "Chat Vector Studio",
    // The page's own background, so that nothing flashes before the first paint.
    backgroundColor: nativeTheme.shouldUseDarkColors ? "#111315" : "#f6f6f4",
    autoHideMenuBar: true,
    webPreferences: {
      preload: join(outFolder, "preload", "preload.cjs"),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      devTools: isDevelopment(),
    },
  });
  window.once("ready-to-show", () => window.show());
  return window;
}
