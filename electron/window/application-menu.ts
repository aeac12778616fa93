import { Menu, type MenuItemConstructorOptions } from "electron";
import type { MenuAction } from "../api/window.ts";

export interface ApplicationMenuOptions {
  readonly isDevelopment: boolean;
  /** What the window in front offers now; none before it is there. */
  readonly actions: readonly MenuAction[];
  readonly windows: readonly { readonly name: string; readonly isFront: boolean }[];
  /** @param window the one whose menu it was, where the system says so */
  readonly choose: (id: string, window: unknown) => void;
  /** @param index of the window */
  readonly show: (index: number) => void;
  readonly openWindow: () => void;
}

const separator: MenuItemConstructorOptions = { type: "separator" };
const text: MenuItemConstructorOptions[] = [
  { role: "cut" },
  { role: "copy" },
  { role: "paste" },
  { role: "delete" },
  { role: "selectAll" },
];
const zoom: MenuItemConstructorOptions[] = [
  { role: "resetZoom" },
  { role: "zoomIn" },
  { role: "zoomOut" },
  separator,
  { role: "togglefullscreen" },
];
const development: MenuItemConstructorOptions[] = [separator, { role: "reload" }, { role: "toggleDevTools" }];

/** In place of Electron's own menu, which reloads pages, opens developer tools, and leads to websites. */
export function setApplicationMenu(options: ApplicationMenuOptions): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(options, process.platform)));
}

function menuTemplate(options: ApplicationMenuOptions, platform: NodeJS.Platform): MenuItemConstructorOptions[] {
  const { isDevelopment, actions, choose } = options;
  const isMac = platform === "darwin";
  const own = (menu: MenuAction["menu"]) => itemsOf(actions, menu, choose);
  const leave: MenuItemConstructorOptions[] = isMac ? [{ role: "close" }] : [{ role: "close" }, { role: "quit" }];
  // macOS goes on without a window, and must come back to one.
  const first =
    actions.length > 0 ? [] : [{ label: "New window", accelerator: "CmdOrCtrl+N", click: options.openWindow }];
  return [
    ...(isMac ? [{ role: "appMenu" } as const] : []),
    { label: "File", submenu: joined(first, own("file"), leave) },
    { label: "Edit", submenu: joined(own("edit"), text) },
    { label: "View", submenu: joined(own("view"), isDevelopment ? [...zoom, ...development] : zoom) },
    isMac ? { role: "windowMenu" } : { label: "Window", submenu: joined(windowItems(options), [{ role: "minimize" }]) },
    { label: "Help", submenu: own("help") },
  ];
}

/** macOS lists the windows by itself. */
function windowItems({ windows, show }: ApplicationMenuOptions): MenuItemConstructorOptions[] {
  return windows.map(({ name, isFront }, index) => ({
    label: name.replaceAll("&", "&&"),
    type: "checkbox",
    checked: isFront,
    click: () => show(index),
  }));
}

function itemsOf(
  actions: readonly MenuAction[],
  menu: MenuAction["menu"],
  choose: ApplicationMenuOptions["choose"],
): MenuItemConstructorOptions[] {
  const items = actions.filter((action) => action.menu === menu);
  const groups = [...new Set(items.map(({ group }) => group))];
  return joined(
    ...groups.map((group) =>
      items
        .filter((item) => item.group === group)
        .map(
          ({ id, label, shortcut, enabled, checked }): MenuItemConstructorOptions => ({
            id,
            // A single one would underline the next letter.
            label: label.replaceAll("&", "&&"),
            enabled,
            ...(checked === null ? {} : { type: "checkbox", checked }),
            // The window takes the keys itself: here they are only shown.
            ...(shortcut === null
              ? {}
              : { accelerator: shortcut.replace("Mod", "CommandOrControl"), registerAccelerator: false }),
            click: (_item, window) => choose(id, window),
          }),
        ),
    ),
  );
}

/** Groups with a line between each two. */
function joined(...groups: readonly (readonly MenuItemConstructorOptions[])[]): MenuItemConstructorOptions[] {
  return groups
    .filter(({ length }) => length > 0)
    .flatMap((group, index) => (index === 0 ? group : [separator, ...group]));
}
