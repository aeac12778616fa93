import { type Action, isEnabled, labelOf } from "../actions/action.ts";
import type { StudioState } from "../store/studio-state.ts";

export interface FoundCommand {
  readonly action: Action;
  readonly label: string;
  readonly enabled: boolean;
}

/** The actions in which every word that is looked for begins a word; those whose label has them first, then those that can be done. */
export function findCommands(actions: readonly Action[], search: string, state: StudioState): readonly FoundCommand[] {
  const wanted = wordsOf(search);
  return actions
    .flatMap((action) => {
      const label = labelOf(action, state);
      const inLabel = hasAll(label, wanted);
      if (!inLabel && !hasAll(`${label} ${action.menu ?? ""} ${action.words ?? ""}`, wanted)) return [];
      const enabled = isEnabled(action, state);
      return [{ action, label, enabled, rank: (enabled ? 0 : 2) + (inLabel ? 0 : 1) }];
    })
    .sort((one, other) => one.rank - other.rank)
    .map(({ action, label, enabled }) => ({ action, label, enabled }));
}

function hasAll(text: string, wanted: readonly string[]): boolean {
  const words = wordsOf(text);
  return wanted.every((start) => words.some((word) => word.startsWith(start)));
}

/** "λ" is typed as "lambda" on most keyboards. */
function wordsOf(text: string): readonly string[] {
  return text
    .toLowerCase()
    .replaceAll("λ", " lambda ")
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
}
