import "./app-header.css";
import { CommandsButton } from "./commands-button.tsx";
import { EngineChip } from "./engine-chip.tsx";
import { HistoryButtons } from "./history-buttons.tsx";
import { RecipeMenu } from "./recipe-menu.tsx";

export function AppHeader() {
  return (
    <header className="app-header">
      <h1>Chat Vector Studio</h1>
      <span className="app-header-slash" aria-hidden="true">
        /
      </span>
      <RecipeMenu />
      <HistoryButtons />
      <CommandsButton />
      <EngineChip />
    </header>
  );
}
