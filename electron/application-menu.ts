import { Menu, type MenuItemConstructorOptions } from "electron";
import type { MenuAction } from "./api.ts";

export interface ApplicationMenuOptions {
  readonly isDevelopment: boolean;
  /** What the window offers now; none before it is there. */
  readonly actions: readonly MenuAction[];
  readonly choose: (id: string) => void;
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

function menuTemplate(
  { isDevelopment, actions, choose }: ApplicationMenuOptions,
  platform: NodeJS.Platform,
): MenuItemConstructorOptions[] {
  const isMac = platform === "darwin";
  const own = (menu: MenuAction["menu"]) => itemsOf(actions, menu, choose);
  const leave: MenuItemConstructorOptions = isMac ? { role: "close" } : { role: "quit" };
  return [
    ...(isMac ? [{ role: "appMenu" } as const] : []),
    { label: "File", submenu: joined(own("file"), [leave]) },
    { label: "Edit", submenu: joined(own("edit"), text) },
    { label: "View", submenu: joined(own("view"), isDevelopment ? [...zoom, ...development] : zoom) },
    ...(isMac ? [{ role: "windowMenu" } as const] : []),
    { label: "Help", submenu: own("help") },
  ];
}

function itemsOf(
  actions: readonly MenuAction[],
  menu: MenuAction["menu"],
  choose: (id: string) => void,
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
            click: () => choose(id),
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
