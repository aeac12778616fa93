import type { TensorStatistics } from "../../src-core/statistics/tensor-statistics.ts";
import type { EngineState } from "./environment.ts";
import type { JobState } from "./exports.ts";
import type { MeasureState } from "./measuring.ts";
import type { CheckpointSummary } from "./models.ts";
import type { ChangedOnDisk } from "./recipes.ts";
import type { ShownSettings } from "./settings.ts";

export interface Figure {
  /** Without ending. */
  readonly name: string;
  readonly type: "svg" | "png" | "csv";
  readonly data: string | Uint8Array;
}

export interface ToldState {
  /** What is merged here, for the title: the recipe's file, or its models; "" for nothing yet. */
  readonly name: string;
  /** The recipe's file says something else by now. */
  readonly edited: boolean;
  /** The recipe's file, by its id; null for none. */
  readonly documentId: string | null;
  /** What may come here that the system hands over: anything where nothing was begun, models where a role is empty. */
  readonly takes: "anything" | "models" | "nothing";
  /** The name of the recipe that has changes which are not saved, "" for one that has no file; null for none. */
  readonly unsaved: string | null;
  readonly actions: readonly MenuAction[];
}

/** An item of a native menu. */
export interface MenuAction {
  readonly id: string;
  readonly label: string;
  readonly menu: "file" | "edit" | "view" | "help";
  /** Lines part groups; they come in the order of their first items. */
  readonly group: number;
  /** "Mod+Shift+S", Mod being Ctrl, or ⌘ on macOS. */
  readonly shortcut: string | null;
  readonly enabled: boolean;
  /** Null: it cannot be checked. */
  readonly checked: boolean | null;
}

export type StudioEvent =
  /** Chosen in a menu. */
  | { readonly type: "action"; readonly id: string }
  /** The window is to be closed once the recipe is saved. */
  | { readonly type: "closing" }
  /** The system hands something to open: `handedRecipe` and `handedModels` have it. */
  | { readonly type: "handed" }
  | { readonly type: "measure"; readonly measure: MeasureState }
  | { readonly type: "tensors"; readonly measureId: string; readonly tensors: readonly TensorStatistics[] }
  /** The window was turned to, and something of it is no longer on disk as it was opened; or it is again. */
  | { readonly type: "changed"; readonly changed: ChangedOnDisk }
  /** A model was changed on disk since it was opened, and opened anew under its id. */
  | { readonly type: "reopened"; readonly model: CheckpointSummary }
  | { readonly type: "settings"; readonly settings: ShownSettings }
  | { readonly type: "job"; readonly job: JobState }
  | { readonly type: "engine"; readonly engine: EngineState };
