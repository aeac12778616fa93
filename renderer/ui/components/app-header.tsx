import "./app-header.css";
import { Fragment } from "react";
import { useStudio } from "../store/use-studio.tsx";
import { completeVectorsOf } from "../store/vectors.ts";
import { EngineChip } from "./engine-chip.tsx";

export function AppHeader() {
  const target = useStudio((state) => state.target.model?.name);
  const vectors = useStudio(completeVectorsOf);
  return (
    <header className="app-header">
      <h1>Chat Vector Studio</h1>
      <span className="app-header-slash" aria-hidden="true">
        /
      </span>
      <p className="app-header-merge name">
        {target !== undefined && vectors.length > 0 ? (
          <>
            <span title={target}>{target}</span>
            {vectors.map(({ id, chat }) => (
              <Fragment key={id}>
                +<span title={chat.model.name}>{chat.model.name}</span>
              </Fragment>
            ))}
          </>
        ) : (
          "New merge"
        )}
      </p>
      <EngineChip />
    </header>
  );
}
