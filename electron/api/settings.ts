import type { OutputDtype } from "../../src-core/recipe/recipe.ts";

export type Appearance = "system" | "dark" | "light";

/** What may compute. */
export type ComputeChoice = "auto" | "gpu" | "cpu";

/** What the window may set by itself; folders are asked for by main. */
export interface SettingsChange {
  readonly appearance?: Appearance;
  readonly outputDtype?: OutputDtype;
  readonly shardBytes?: number;
  readonly compute?: ComputeChoice;
  readonly keepMeasurements?: boolean;
}

export interface ShownSettings extends Required<SettingsChange> {
  /** Where exports are proposed; null: beside their target. */
  readonly exportFolder: { readonly path: string; readonly missing: boolean } | null;
  /** Searched for models beside the Hugging Face cache. */
  readonly modelFolders: readonly { readonly id: string; readonly path: string }[];
  /** What the environment asks for at this start, which goes before `compute`. */
  readonly computeFixed: "gpu" | "cpu" | null;
  readonly knownDevices: KnownDevices;
  /** Where a file lies now that was no settings. */
  readonly setAside: string | null;
}

/** What was found to compute with, at this start of the program or an earlier one; null where it was not tried yet. */
export interface KnownDevices {
  /** Its name is null where there was none. */
  readonly gpu: { readonly name: string | null; readonly isFallback: boolean } | null;
  readonly cpu: string | null;
  /** What was chosen the last time that nothing was asked for. `because` goes on after "because". */
  readonly auto: { readonly kind: "gpu" | "cpu"; readonly adapter: string; readonly because: string } | null;
}

export interface KeptMeasurements {
  readonly count: number;
  readonly bytes: number;
}
