import { join } from "node:path";
import { app } from "electron";
import type { EngineProcess } from "../engine/engine-process.ts";
import { EngineTurns } from "../engine/engine-turns.ts";
import { ActivityLog } from "../kept/activity-log.ts";
import { KeptJson } from "../kept/kept-json.ts";
import { MeasurementStore } from "../measuring/measurement-store.ts";
import { RecentPaths } from "../models/recent-paths.ts";
import { RecentRecipes } from "../recipes/recent-recipes.ts";
import { applySettings } from "../settings/apply-settings.ts";
import { DeviceMemory, knownDevicesSchema } from "../settings/known-devices.ts";
import { SettingsInEffect } from "../settings/settings-in-effect.ts";
import { settingsSchema } from "../settings/settings-schema.ts";
import { SettingsDesk } from "./settings-desk.ts";
import { UnsavedRecipes } from "./unsaved-recipes.ts";

export interface GivenParts {
  readonly engine: EngineProcess;
  readonly version: string;
  readonly outFolder: string;
  /** What the environment asks for at this start, which goes before the settings. */
  readonly computeFixed: "gpu" | "cpu" | null;
}

/** What all windows have together: the one engine, and what is kept from one start to the next. */
export interface SharedParts extends GivenParts {
  readonly turns: EngineTurns;
  readonly log: ActivityLog;
  readonly settings: SettingsInEffect;
  readonly desk: SettingsDesk;
  readonly measurements: MeasurementStore;
  readonly unsaved: UnsavedRecipes;
  readonly recentRecipes: RecentRecipes;
  readonly recentModels: RecentPaths;
}

export function createSharedParts(parts: GivenParts): SharedParts {
  const inProfile = (...names: readonly string[]) => join(app.getPath("userData"), ...names);
  const { engine, computeFixed } = parts;
  const turns = new EngineTurns();
  const settings = new SettingsInEffect(new KeptJson(inProfile("settings.json"), settingsSchema));
  const measurements = new MeasurementStore(inProfile("measurements"), () => settings.present.keepMeasurements);
  const devices = new DeviceMemory(new KeptJson(inProfile("devices.json"), knownDevicesSchema), engine);
  applySettings(settings, { engine, turns, computeFixed });
  return {
    ...parts,
    turns,
    log: new ActivityLog(inProfile("logs", "main.log"), parts.version),
    settings,
    desk: new SettingsDesk({ settings, devices, measurements, computeFixed, logsFolder: inProfile("logs") }),
    measurements,
    unsaved: new UnsavedRecipes(inProfile("unsaved")),
    recentRecipes: new RecentRecipes(inProfile("recent-recipes.json")),
    recentModels: new RecentPaths(inProfile("recent-models.json")),
  };
}
