import { nativeTheme } from "electron";
import type { EngineProcess } from "../engine/engine-process.ts";
import type { EngineTurns } from "../engine/engine-turns.ts";
import { ComputeFollower } from "./compute-follower.ts";
import type { SettingsInEffect } from "./settings-in-effect.ts";

export interface SettledParts {
  readonly engine: EngineProcess;
  readonly turns: EngineTurns;
  /** Goes before what the settings say. */
  readonly computeFixed: "gpu" | "cpu" | null;
}

/** Has the program's appearance and what computes follow the settings, from now on. */
export function applySettings(settings: SettingsInEffect, { engine, turns, computeFixed }: SettledParts): void {
  const wanted = () => computeFixed ?? settings.present.compute;
  nativeTheme.themeSource = settings.present.appearance;
  engine.backend = wanted();
  const compute = new ComputeFollower(engine, turns, wanted);
  settings.onChange(({ appearance }) => {
    nativeTheme.themeSource = appearance;
    compute.follow();
  });
}
