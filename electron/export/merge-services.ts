import type { Catalog } from "../checkpoints/catalog.ts";
import type { EngineProcess } from "../engine/engine-process.ts";
import type { MeasurementStore } from "../measuring/measurement-store.ts";
import type { MergeEngine } from "./merge-run.ts";

/** What a merge needs to run, whichever window or command asked for it. */
export interface MergeServices {
  readonly catalog: Catalog;
  readonly engine: EngineProcess;
  readonly version: string;
  /** What was measured before. */
  readonly measurements?: Pick<MeasurementStore, "load">;
}

export type MergeJobServices = Omit<MergeServices, "engine"> & { readonly engine: MergeEngine };
