import type { MenuAction } from "../../../electron/api/window.ts";
import type { StudioState } from "../store/studio-state.ts";

/** Something that the window can do: what the native menus, the shortcuts and the command palette offer. */
export interface Action {
  readonly id: string;
  readonly label: string | ((state: StudioState) => string);
  /** Null: in the palette alone. */
  readonly menu: MenuAction["menu"] | null;
  /** Lines part a menu's groups. */
  readonly group: number;
  /** "Mod+Shift+S", Mod being Ctrl, or ⌘ on macOS. The first is shown. */
  readonly shortcuts?: readonly string[];
  /** Other words that people may look for it by. */
  readonly words?: string;
  /** Absent: always. */
  readonly enabled?: (state: StudioState) => boolean;
  /** Of a choice: whether it is the present one. */
  readonly checked?: (state: StudioState) => boolean;
  readonly run: (state: StudioState) => unknown;
}

export function labelOf({ label }: Action, state: StudioState): string {
  return typeof label === "string" ? label : label(state);
}

export function isEnabled({ enabled }: Action, state: StudioState): boolean {
  return enabled?.(state) ?? true;
}

/** What main makes its menus of. */
export function menuActionsOf(actions: readonly Action[], state: StudioState): readonly MenuAction[] {
  return actions.flatMap((action) => {
    const { id, menu, group, shortcuts, checked } = action;
    if (menu === null) return [];
    const shortcut = shortcuts?.[0] ?? null;
    const label = labelOf(action, state);
    return [{ id, label, menu, group, shortcut, enabled: isEnabled(action, state), checked: checked?.(state) ?? null }];
  });
}
