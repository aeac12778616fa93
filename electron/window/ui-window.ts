import { join } from "node:path";
import { app, BrowserWindow, nativeTheme, screen } from "electron";
import { scheme } from "../closed/app-scheme.ts";
import { KeptJson } from "../kept/kept-json.ts";
import { isDevelopment } from "../start/development.ts";
import {
  keepPlace,
  leastSize,
  placeBeside,
  placeFile,
  placeOf,
  placeOnScreens,
  windowPlaceSchema,
} from "./window-place.ts";

export const uiUrl = `${scheme}://app/index.html`;

/**
 * A window that people see: sandboxed, without Node, talking only through its preload.
 * @param slot its number among the open windows: its place is kept under it
 * @param front the window that it comes beside, where there is one
 */
export function createUiWindow(outFolder: string, slot: number, front: BrowserWindow | null): BrowserWindow {
  const keptPlace = new KeptJson(join(app.getPath("userData"), placeFile(slot)), windowPlaceSchema);
  const place = placeBeside(keptPlace.read(), front === null ? null : placeOf(front));
  const workAreas = screen.getAllDisplays().map(({ workArea }) => workArea);
  const window = new BrowserWindow({
    ...placeOnScreens(place, workAreas),
    minWidth: leastSize.width,
    minHeight: leastSize.height,
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
  keepPlace(window, keptPlace);
  window.once("ready-to-show", () => {
    if (place?.maximized) window.maximize();
    window.show();
  });
  return window;
}
