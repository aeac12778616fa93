import "./app-header.css";
import { useStudio } from "../store/use-studio.tsx";
import { EngineChip } from "./engine-chip.tsx";

export function AppHeader() {
  const target = useStudio((state) => state.slots.target.model?.name);
  const chat = useStudio((state) => state.slots.chat.model?.name);
  return (
    <header className="app-header">
      <h1>Chat Vector Studio</h1>
      <span className="app-header-slash" aria-hidden="true">
        /
      </span>
      <p className="app-header-merge name">
        {target !== undefined && chat !== undefined ? (
          <>
            <span title={target}>{target}</span>+<span title={chat}>{chat}</span>
          </>
        ) : (
          "New merge"
        )}
      </p>
      <EngineChip />
    </header>
  );
}
