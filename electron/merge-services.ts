import type { Catalog } from "./catalog.ts";
import type { EngineProcess } from "./engine-process.ts";
import type { MergeEngine } from "./export/merge-run.ts";
import type { MeasurementStore } from "./measurement-store.ts";

/** What a merge needs to run, whichever window or command asked for it. */
export interface MergeServices {
  readonly catalog: Catalog;
  readonly engine: EngineProcess;
  readonly version: string;
  /** What was measured before. */
  readonly measurements?: Pick<MeasurementStore, "load">;
}

export type MergeJobServices = Omit<MergeServices, "engine"> & { readonly engine: MergeEngine };
