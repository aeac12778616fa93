import { nativeTheme } from "electron";
import { z } from "zod";
import type { KeptJson } from "./kept-json.ts";

const appearances = ["system", "dark", "light"] as const;

/** What the user has set, kept from one start to the next. */
export const settingsSchema = z.strictObject({ version: z.literal(1), appearance: z.enum(appearances) });
type Settings = z.output<typeof settingsSchema>;

/** The settings, in effect from the start. */
export class SettingsInEffect {
  readonly #kept: KeptJson<typeof settingsSchema>;
  #present: Settings;

  constructor(kept: KeptJson<typeof settingsSchema>) {
    this.#kept = kept;
    this.#present = kept.read() ?? { version: 1, appearance: "system" };
    nativeTheme.themeSource = this.#present.appearance;
  }

  get appearance(): Settings["appearance"] {
    return this.#present.appearance;
  }

  setAppearance(appearance: Settings["appearance"]): void {
    this.#present = { ...this.#present, appearance };
    nativeTheme.themeSource = appearance;
    this.#kept.write(this.#present);
  }
}
