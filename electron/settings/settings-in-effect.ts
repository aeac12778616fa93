import { StudioError } from "../../src-core/errors.ts";
import type { KeptJson } from "../kept/kept-json.ts";
import { defaultSettings, type Settings, type settingsSchema } from "./settings-schema.ts";

/** The settings, in effect from the start; a change holds at once, whether it can be kept or not. */
export class SettingsInEffect {
  /** Where a file lies now that was no settings; null where there was none. */
  readonly setAside: string | null;
  readonly #kept: KeptJson<typeof settingsSchema>;
  readonly #listeners = new Set<(settings: Settings, before: Settings) => void>();
  #present: Settings;

  constructor(kept: KeptJson<typeof settingsSchema>) {
    this.#kept = kept;
    const { value, setAside } = kept.readOrSetAside();
    this.#present = value ?? defaultSettings;
    this.setAside = setAside;
  }

  get present(): Settings {
    return this.#present;
  }

  onChange(listener: (settings: Settings, before: Settings) => void): void {
    this.#listeners.add(listener);
  }

  /** Throws `write-failed` where the change holds but is gone after the program's end. */
  change(change: Partial<Omit<Settings, "version">>): void {
    const before = this.#present;
    this.#present = { ...before, ...change };
    for (const listener of this.#listeners) listener(this.#present, before);
    const failure = this.#kept.write(this.#present);
    if (failure === null) return;
    throw new StudioError({
      code: "write-failed",
      what: "The settings hold until the program ends, but could not be kept",
      where: this.#kept.path,
      actual: failure,
      advice: "See to the disk's space and the folder's permissions, then change a setting again",
    });
  }
}
