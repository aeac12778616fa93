import type { CheckpointSummary } from "../../../electron/api/models.ts";
import { formatScale } from "../format/format.ts";
import type { EditedVector } from "./edited-vector.ts";
import { isJobRunning } from "./job-phase.ts";
import type { ModelSlot } from "./model-slot.ts";
import { allPlaces, type Place, slotAt } from "./place.ts";
import { describeEdit, editKindOf, modelIdsOf, recordEditOf } from "./recorded-edit.ts";
import { attempt } from "./shown-failure.ts";
import type { SliceTools } from "./slice.ts";
import type { HistorySlice, HistoryStep, RecordedEdit, StudioState } from "./studio-state.ts";

/** As many steps as anyone goes back. */
export const maximumSteps = 200;
/** Changes of the same thing that follow each other within this are one step; those under one press of the mouse are always. */
export const mergeMs = 1000;

type Models = ReadonlyMap<string, CheckpointSummary>;

export function createHistorySlice({ set, get, studio }: SliceTools): HistorySlice {
  let latest: { readonly mergeKey: string | null; readonly at: number } | null = null;
  let held = false;
  /** What one action does in several changes is one step. */
  let sameAction = false;
  let restoring = false;
  let travelling = false;

  /** The models of a state, opened again where no card has shown them since; null, and said, where one cannot be. */
  async function modelsFor(edit: RecordedEdit): Promise<Models | null> {
    const shown = modelsShown(get());
    const missing = modelIdsOf(edit).filter((id) => !shown.has(id));
    if (missing.length === 0) return shown;
    const outcomes = await Promise.all(missing.map((id) => attempt(() => studio.reopenCheckpoint(id))));
    const opened = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
    const failed = outcomes.find((outcome) => !outcome.ok);
    if (failed === undefined || failed.ok) {
      return new Map([...modelsShown(get()), ...opened.map((model) => [model.id, model] as const)]);
    }
    get().showWindowFailure(failed.failure);
    await get().releaseModels(opened);
    return null;
  }

  function restore(edit: RecordedEdit, models: Models): void {
    const before = get();
    restoring = true;
    const picked = edit.outputPicked && edit.output !== null;
    const proposes = before.outputPicked && !picked;
    set({
      ...modelsRestored(before, edit, models),
      decisions: edit.decisions,
      recipeRest: edit.recipeRest,
      ...(picked ? { output: edit.output, outputPicked: true, overwrite: false, startsOver: false } : {}),
      ...(proposes ? { outputPicked: false } : {}),
      outputFailure: null,
      ruleToFocus: null,
    });
    if (String(modelIdsOf(before)) === String(modelIdsOf(edit))) get().replan();
    else get().modelsChanged({ replaced: false });
    if (proposes) void get().proposeOutput();
    void get().releaseModels([...modelsShown(before).values()]);
    restoring = false;
    latest = null;
  }

  /** Goes to the latest step of one side; the present becomes the other side's latest. */
  async function travel(from: "past" | "future", to: "past" | "future"): Promise<void> {
    const step = get()[from].at(-1);
    if (step === undefined || travelling || isJobRunning(get())) return;
    travelling = true;
    try {
      const models = await modelsFor(step.edit);
      // What was done meanwhile is newer, and stands.
      if (models === null || get()[from].at(-1) !== step || isJobRunning(get())) return;
      const present: HistoryStep = { name: step.name, edit: recordEditOf(get()) };
      restore(step.edit, models);
      set((state) => ({ [from]: state[from].slice(0, -1), [to]: [...state[to], present] }));
    } finally {
      travelling = false;
    }
  }

  return {
    past: [],
    future: [],

    undo: () => travel("past", "future"),
    redo: () => travel("future", "past"),

    recordEdit(before) {
      if (restoring || describeEdit(before) === describeEdit(get())) return;
      const { name, mergeKey } = editKindOf(before, get());
      const now = Date.now();
      const continues =
        sameAction || (mergeKey !== null && latest?.mergeKey === mergeKey && (held || now - latest.at < mergeMs));
      if (!sameAction) latest = { mergeKey, at: now };
      if (!sameAction) queueMicrotask(() => (sameAction = false));
      sameAction = true;
      const { past } = get();
      const step = { name, edit: recordEditOf(before) };
      set({ past: continues && past.length > 0 ? past : [...past, step].slice(-maximumSteps), future: [] });
    },

    holdEdit(isHeld) {
      held = isHeld;
      latest = null;
    },

    forgetHistory() {
      latest = null;
      set({ past: [], future: [] });
    },
  };
}

function modelsShown(state: StudioState): Models {
  const models = allPlaces(state).flatMap((place) => slotAt(state, place)?.model ?? []);
  return new Map(models.map((model) => [model.id, model]));
}

/** The cards and vectors as they were, with what is known of their models now. */
function modelsRestored(state: StudioState, edit: RecordedEdit, models: Models) {
  const slot = (place: Place, { model, failure }: ModelSlot): ModelSlot => ({
    model: model === null ? null : (models.get(model.id) ?? model),
    // What is being opened arrives all the same.
    opening: slotAt(state, place)?.opening ?? null,
    failure: failure?.retry?.kind === "reference" ? failure : null,
  });
  const vectors = edit.vectors.map(
    (vector): EditedVector => ({
      ...vector,
      chat: slot({ role: "chat", vector: vector.id }, vector.chat),
      base: slot({ role: "base", vector: vector.id }, vector.base),
      scaleText: formatScale(vector.scale),
      scaleError: null,
      rules: vector.rules.map((rule) => ({ ...rule, scaleText: formatScale(rule.scale), scaleError: null })),
    }),
  );
  const isThere = vectors.some(({ id }) => id === state.selectedVector);
  return {
    target: slot({ role: "target", vector: null }, edit.target),
    vectors,
    selectedVector: isThere ? state.selectedVector : edit.selectedVector,
  };
}
