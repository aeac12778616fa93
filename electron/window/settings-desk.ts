import { randomUUID } from "node:crypto";
import { EventEmitter } from "node:events";
import { existsSync, mkdirSync } from "node:fs";
import { shell } from "electron";
import { shownText } from "../../src-core/checkpoint/quote.ts";
import { StudioError } from "../../src-core/errors.ts";
import { maximumModelFolderCount } from "../../src-core/limits.ts";
import type { KeptMeasurements, ShownSettings } from "../api/settings.ts";
import type { Handlers } from "../ipc/ipc.ts";
import type { MeasurementStore } from "../measuring/measurement-store.ts";
import type { DeviceMemory } from "../settings/known-devices.ts";
import type { SettingsInEffect } from "../settings/settings-in-effect.ts";
import type { SettingsChange } from "../settings/settings-schema.ts";
import type { WindowDialogs } from "./window-dialogs.ts";

export interface SettingsDeskTools {
  readonly settings: SettingsInEffect;
  readonly devices: DeviceMemory;
  readonly measurements: MeasurementStore;
  /** What the environment asks for at this start. */
  readonly computeFixed: "gpu" | "cpu" | null;
  readonly logsFolder: string;
}

type SettingsRequests = Pick<
  Handlers,
  | "settings"
  | "changeSettings"
  | "pickExportFolder"
  | "clearExportFolder"
  | "addModelFolder"
  | "removeModelFolder"
  | "keptMeasurements"
  | "forgetMeasurements"
  | "openLogs"
>;

/** What the settings panel sees and asks for. The window knows folders by id, and main asks for new ones. */
export class SettingsDesk extends EventEmitter<{ changed: [ShownSettings] }> {
  readonly #tools: SettingsDeskTools;
  readonly #folderIds = new Map<string, string>();

  constructor(tools: SettingsDeskTools) {
    super();
    this.#tools = tools;
    const tell = () => this.emit("changed", this.#shown());
    tools.settings.onChange(tell);
    tools.devices.on("news", tell);
  }

  /** What a window may ask for; its own dialogs ask for folders. */
  requests(dialogs: WindowDialogs): SettingsRequests {
    const { settings, measurements } = this.#tools;
    return {
      settings: () => this.#shown(),
      changeSettings: (change) => settings.change(withoutUndefined(change)),
      pickExportFolder: () => this.#pickExportFolder(dialogs),
      clearExportFolder: () => settings.change({ exportFolder: null }),
      addModelFolder: () => this.#addModelFolder(dialogs),
      removeModelFolder: (id) => this.#removeModelFolder(id),
      keptMeasurements: (): Promise<KeptMeasurements> => measurements.kept(),
      forgetMeasurements: async (): Promise<KeptMeasurements> => {
        await measurements.forget();
        return measurements.kept();
      },
      openLogs: () => this.#openLogs(),
    };
  }

  #shown(): ShownSettings {
    const { settings, devices, computeFixed } = this.#tools;
    const { exportFolder, modelFolders, version: _, ...plain } = settings.present;
    return {
      ...plain,
      exportFolder:
        exportFolder === null ? null : { path: shownText(exportFolder), missing: !existsSync(exportFolder) },
      modelFolders: modelFolders.map((path) => ({ id: this.#idOf(path), path: shownText(path) })),
      computeFixed,
      knownDevices: devices.present,
      setAside: settings.setAside === null ? null : shownText(settings.setAside),
    };
  }

  async #pickExportFolder(dialogs: WindowDialogs): Promise<void> {
    const { settings } = this.#tools;
    const { exportFolder } = settings.present;
    const path = await dialogs.pickFolder({
      title: "Choose the folder for exports",
      ...(exportFolder === null ? {} : { defaultPath: exportFolder }),
    });
    if (path !== null) settings.change({ exportFolder: path });
  }

  async #addModelFolder(dialogs: WindowDialogs): Promise<void> {
    const { settings } = this.#tools;
    const path = await dialogs.pickFolder({ title: "Choose a folder to look for models in" });
    const { modelFolders } = settings.present;
    if (path === null || modelFolders.includes(path)) return;
    if (modelFolders.length === maximumModelFolderCount)
      throw new StudioError({
        code: "usage",
        what: "No more folders can be searched for models",
        expected: `at most ${maximumModelFolderCount}`,
        advice: "Remove one, or add the folder that holds several of them",
      });
    settings.change({ modelFolders: [...modelFolders, path] });
  }

  #removeModelFolder(id: string): void {
    const { settings } = this.#tools;
    const { modelFolders } = settings.present;
    settings.change({ modelFolders: modelFolders.filter((path) => this.#folderIds.get(path) !== id) });
  }

  async #openLogs(): Promise<void> {
    const { logsFolder } = this.#tools;
    mkdirSync(logsFolder, { recursive: true });
    const problem = await shell.openPath(logsFolder);
    if (problem === "") return;
    throw new StudioError({
      code: "read-failed",
      what: "The folder of the logs could not be shown",
      where: logsFolder,
      actual: problem,
      advice: "Open it in the file manager",
    });
  }

  #idOf(path: string): string {
    const id = this.#folderIds.get(path) ?? randomUUID();
    this.#folderIds.set(path, id);
    return id;
  }
}

/** A request may name a setting and give it no value. */
function withoutUndefined(change: SettingsChange): {
  [Key in keyof SettingsChange]?: Exclude<SettingsChange[Key], undefined>;
} {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}
