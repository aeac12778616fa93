import { join } from "node:path";
import { app } from "electron";
import { ActivityLog } from "../activity-log.ts";
import type { EngineProcess } from "../engine-process.ts";
import { EngineTurns } from "../engine-turns.ts";
import { KeptJson } from "../kept-json.ts";
import { MeasurementStore } from "../measurement-store.ts";
import { RecentPaths } from "../recent-paths.ts";
import { RecentRecipes } from "../recent-recipes.ts";
import { SettingsInEffect, settingsSchema } from "../settings.ts";

/** What all windows have together: the one engine, and what is kept from one start to the next. */
export interface SharedParts {
  readonly engine: EngineProcess;
  readonly turns: EngineTurns;
  readonly version: string;
  readonly outFolder: string;
  readonly log: ActivityLog;
  readonly settings: SettingsInEffect;
  readonly measurements: MeasurementStore;
  readonly recentRecipes: RecentRecipes;
  readonly recentModels: RecentPaths;
}

export function createSharedParts(parts: Pick<SharedParts, "engine" | "version" | "outFolder">): SharedParts {
  const inProfile = (...names: readonly string[]) => join(app.getPath("userData"), ...names);
  return {
    ...parts,
    turns: new EngineTurns(),
    log: new ActivityLog(inProfile("logs", "main.log"), parts.version),
    settings: new SettingsInEffect(new KeptJson(inProfile("settings.json"), settingsSchema)),
    measurements: new MeasurementStore(inProfile("measurements")),
    recentRecipes: new RecentRecipes(inProfile("recent-recipes.json")),
    recentModels: new RecentPaths(inProfile("recent-models.json")),
  };
}
