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
export function setApplicationMenu(options: { readonly isDevelopment: boolean }): void {
  const view = { label: "View", submenu: options.isDevelopment ? [...zoom, ...development] : zoom };
  const system: MenuItemConstructorOptions = process.platform === "darwin" ? { role: "appMenu" } : { role: "fileMenu" };
  Menu.setApplicationMenu(Menu.buildFromTemplate([system, edit, view, { role: "windowMenu" }]));
}
