import "./engine-chip.css";
import type { EngineState } from "../../../electron/api/environment.ts";
import { useStudio } from "../store/use-studio.tsx";

/** What computes, and whether it is ready. */
export function EngineChip() {
  const engine = useStudio((state) => state.engine);
  const environment = useStudio((state) => state.environment);
  const text = describeEngine(engine);
  const because = engine?.because ? `, because ${engine.because}` : "";
  const runtime =
    environment === null
      ? ""
      : `\nChat Vector Studio ${environment.version}, Electron ${environment.electron}, Chromium ${environment.chromium}`;
  return (
    <output className="engine-chip" aria-label="Engine" title={text + because + runtime}>
      <span className="engine-chip-dot" data-status={engine?.status ?? "starting"} aria-hidden="true" />
      <span className="engine-chip-text">{text}</span>
    </output>
  );
}

function describeEngine(engine: EngineState | null): string {
  if (engine === null || engine.status === "starting") return "Engine starting";
  if (engine.status === "failed") return "Engine failed";
  const name = engine.adapter ?? "Unnamed adapter";
  if (engine.kind === "cpu") return name;
  return engine.fallback ? `${name}, WebGPU in software` : `${name}, WebGPU`;
}
