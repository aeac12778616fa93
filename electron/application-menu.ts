import { Menu, type MenuItemConstructorOptions } from "electron";

const edit: MenuItemConstructorOptions = { role: "editMenu" };
const zoom: MenuItemConstructorOptions[] = [
  { role: "resetZoom" },
  { role: "zoomIn" },
  { role: "zoomOut" },
  { type: "separator" },
  { role: "togglefullscreen" },
];
const development: MenuItemConstructorOptions[] = [
  { type: "separator" },
  { role: "reload" },
  { role: "toggleDevTools" },
];

/** In place of Electron's own menu, which reloads pages, opens developer tools, and leads to websites. */
export function setApplicationMenu(options: {
  readonly isDevelopment: boolean;
  /** Puts what helps to understand a failure on the clipboard; with or without the user's name and paths. */
  readonly copyDiagnostics: (withPaths: boolean) => void;
}): void {
  const view = { label: "View", submenu: options.isDevelopment ? [...zoom, ...development] : zoom };
  const help: MenuItemConstructorOptions = {
    label: "Help",
    submenu: [
      { label: "Copy diagnostics", click: () => options.copyDiagnostics(false) },
      { label: "Copy diagnostics with the home folder’s name", click: () => options.copyDiagnostics(true) },
    ],
  };
  const system: MenuItemConstructorOptions = process.platform === "darwin" ? { role: "appMenu" } : { role: "fileMenu" };
  Menu.setApplicationMenu(Menu.buildFromTemplate([system, edit, view, { role: "windowMenu" }, help]));
}
