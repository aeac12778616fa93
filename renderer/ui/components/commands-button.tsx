import { shortcutText } from "../actions/shortcut.ts";
import { useStudio } from "../store/use-studio.tsx";
import { SearchIcon } from "./icons.tsx";

/** The way to the command palette for those who do not know its keys. */
export function CommandsButton() {
  const platform = useStudio((state) => state.environment?.platform ?? "");
  const showPanel = useStudio((state) => state.showPanel);
  return (
    <button
      type="button"
      className="ghost"
      aria-keyshortcuts="Control+K"
      data-tour="commands"
      onClick={() => showPanel("commands")}
    >
      <SearchIcon />
      Commands
      <kbd className="menu-hint">{shortcutText("Mod+K", platform)}</kbd>
    </button>
  );
}
