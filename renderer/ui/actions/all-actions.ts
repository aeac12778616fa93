import type { StudioState } from "../store/studio-state.ts";
import { type Action, isEnabled } from "./action.ts";
import { editActions } from "./edit-actions.ts";
import { fileActions } from "./file-actions.ts";
import { helpActions } from "./help-actions.ts";
import { type Keys, matchesShortcut } from "./shortcut.ts";
import { viewActions } from "./view-actions.ts";

/** All that menus, shortcuts and the command palette offer, in the menus' order. */
export const allActions: readonly Action[] = [...fileActions, ...editActions, ...viewActions, ...helpActions];

export function actionFor(keys: Keys): Action | null {
  return allActions.find(({ shortcuts = [] }) => shortcuts.some((each) => matchesShortcut(keys, each))) ?? null;
}

/** Does what the action says where that is possible now. */
export function runAction(id: string, state: StudioState): void {
  const action = allActions.find((each) => each.id === id);
  if (action !== undefined && isEnabled(action, state)) void action.run(state);
}
