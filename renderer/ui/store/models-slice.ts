import type { CheckpointSummary } from "../../../electron/api.ts";
import { isJobRunning } from "./job-phase.ts";
import { emptySlot, type ModelOrigin, type ModelSlot, missingRoles, type Role, roles } from "./model-slot.ts";
import { type Attempt, attempt, attemptVoid, type ShownFailure } from "./shown-failure.ts";
import type { SliceTools } from "./slice.ts";
import type { ModelsSlice } from "./studio-state.ts";

const exportRunning: ShownFailure = {
  code: "usage",
  what: "The models stay as they are while an export runs",
  advice: "Cancel the export or wait for it.",
};

export function createModelsSlice(tools: SliceTools): ModelsSlice {
  const { set, get, studio } = tools;
  const openings = new OpeningCounter();

  function patch(role: Role, change: Partial<ModelSlot>): void {
    set(({ slots }) => ({ slots: { ...slots, [role]: { ...slots[role], ...change } } }));
  }

  /** Lets main forget a model that no card shows any more. */
  async function release(model: CheckpointSummary | null): Promise<void> {
    if (model === null || roles.some((role) => get().slots[role].model?.id === model.id)) return;
    const failure = await attemptVoid(() => studio.closeCheckpoint(model.id));
    if (failure !== null) get().showWindowFailure(failure);
  }

  function place(changes: Partial<Record<Role, CheckpointSummary | null>>): void {
    const before = get().slots;
    for (const role of roles) {
      const model = changes[role];
      if (model !== undefined) patch(role, { ...emptySlot, model });
    }
    get().modelsChanged();
    for (const role of roles) if (changes[role] !== undefined) void release(before[role].model);
  }

  /** True, and said, when the models may not change now. */
  function refused(): boolean {
    if (!isJobRunning(get())) return false;
    get().showWindowFailure(exportRunning);
    return true;
  }

  function settle(role: Role, origin: ModelOrigin, outcome: Attempt<CheckpointSummary | null>): void {
    if (!outcome.ok) patch(role, { opening: null, failure: { failure: outcome.failure, retry: origin } });
    else if (outcome.value === null) patch(role, { opening: null });
    else place({ [role]: outcome.value });
  }

  return {
    slots: { target: emptySlot, chat: emptySlot, base: emptySlot },
    samplesFailure: null,

    async openModel(role, origin) {
      if (refused()) return;
      const opening = openings.begin(role);
      patch(role, { opening: origin, failure: null });
      const outcome = await attempt<CheckpointSummary | null>(() =>
        origin.kind === "drop" ? studio.openDropped(origin.file) : studio.pickCheckpoint(origin.kind),
      );
      if (openings.isLatest(role, opening)) settle(role, origin, outcome);
      else if (outcome.ok) await release(outcome.value);
    },

    async dropOnCard(role, files) {
      const [file, ...more] = files;
      if (file === undefined || refused()) return;
      if (more.length > 0) patch(role, { failure: { failure: tooManyDropped(files.length), retry: null } });
      else await get().openModel(role, { kind: "drop", file });
    },

    async dropOnWindow(files) {
      if (files.length === 0 || refused()) return;
      const free = missingRoles(get().slots).filter((role) => get().slots[role].opening === null);
      if (files.length > free.length) return get().showWindowFailure(noPlaceLeft(files.length, free));
      await Promise.all(
        files.map((file, index) => {
          const role = free[index];
          return role === undefined ? undefined : get().openModel(role, { kind: "drop", file });
        }),
      );
    },

    async retryModel(role) {
      const retry = get().slots[role].failure?.retry;
      if (retry?.kind === "samples") await get().openSamples();
      else if (retry) await get().openModel(role, retry);
    },

    dismissModelFailure: (role) => patch(role, { failure: null }),

    clearModel(role) {
      if (refused()) return;
      openings.begin(role);
      if (get().slots[role].opening === null) place({ [role]: null });
      else patch(role, { opening: null });
    },

    swapModels(one, other) {
      if (refused()) return;
      const { slots } = get();
      openings.begin(one);
      openings.begin(other);
      place({ [one]: slots[other].model, [other]: slots[one].model });
    },

    async openSamples() {
      if (refused()) return;
      const begun = roles.map((role) => [role, openings.begin(role)] as const);
      set({ samplesFailure: null });
      for (const role of roles) patch(role, { opening: { kind: "samples" }, failure: null });
      const outcome = await attempt(() => studio.openSamples());
      // A card that was cleared or filled meanwhile keeps what the user did.
      const waiting = begun.filter(([role, opening]) => openings.isLatest(role, opening)).map(([role]) => role);
      if (!outcome.ok) {
        for (const role of waiting) patch(role, { opening: null });
        set({ samplesFailure: outcome.failure });
        return;
      }
      const triple = outcome.value;
      if (waiting.length > 0) place(Object.fromEntries(waiting.map((role) => [role, triple[role]])));
      for (const role of roles) if (!waiting.includes(role)) await release(triple[role]);
    },

    applyReopened(model) {
      const changed = roles.filter((role) => get().slots[role].model?.id === model.id);
      if (changed.length === 0) return;
      for (const role of changed) patch(role, { model });
      set({ windowNotice: `${model.name} was changed on disk, and has been read again` });
      get().forgetMeasured();
      get().replan();
    },
  };
}

/** Tells an answer that is still wanted from one that was overtaken. */
class OpeningCounter {
  readonly #latest: Record<Role, number> = { target: 0, chat: 0, base: 0 };

  begin(role: Role): number {
    return ++this.#latest[role];
  }

  isLatest(role: Role, opening: number): boolean {
    return this.#latest[role] === opening;
  }
}

function tooManyDropped(count: number): ShownFailure {
  return {
    code: "usage",
    what: `${count} things were dropped on one card`,
    expected: "one folder or one file",
    advice: "For a model in several files, drop its folder.",
  };
}

function noPlaceLeft(count: number, free: readonly Role[]): ShownFailure {
  const places =
    free.length === 0 ? "no role is empty" : `only ${free.join(" and ")} ${free.length === 1 ? "is" : "are"} empty`;
  return {
    code: "usage",
    what: `${count === 1 ? "A model was" : `${count} things were`} dropped beside the cards, but ${places}`,
    advice: "Drop a folder or file on the card whose model it shall replace.",
  };
}
