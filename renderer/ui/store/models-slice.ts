import type { CheckpointSummary } from "../../../electron/api/models.ts";
import type { Outcome } from "../../../electron/api/outcome.ts";
import { isJobRunning } from "./job-phase.ts";
import { emptySlot, idOfSlot, type ModelOrigin, type ModelSlot, type Role, roles } from "./model-slot.ts";
import { allPlaces, type Place, placeKey, placeOf, placesOf, placesOfSharedBase, slotAt, withSlot } from "./place.ts";
import { type Attempt, attempt, attemptVoid, type ShownFailure } from "./shown-failure.ts";
import type { SliceTools } from "./slice.ts";
import type { ModelsSlice, StudioState } from "./studio-state.ts";
import { slotsOf } from "./vectors.ts";

const exportRunning: ShownFailure = {
  code: "usage",
  what: "The models stay as they are while an export runs",
  advice: "Cancel the export or wait for it.",
};

export function createModelsSlice(tools: SliceTools): ModelsSlice {
  const { set, get, studio } = tools;
  const openings = new OpeningCounter();
  const here = (role: Role) => placeOf(get(), role);

  const idAt = (place: Place): string | null => {
    const slot = slotAt(get(), place);
    return slot === null ? null : idOfSlot(slot);
  };

  function patch(place: Place, change: Partial<ModelSlot>): void {
    set((state) => withSlot(state, place, change));
  }

  /** Lets main forget a model that no card shows any more. */
  async function release(model: CheckpointSummary | null): Promise<void> {
    if (model === null || placesOf(get(), model).length > 0) return;
    const failure = await attemptVoid(() => studio.closeCheckpoint(model.id));
    if (failure !== null) get().showWindowFailure(failure);
  }

  /** `replaces`: what stood in the place, where another card of it is shown by now. */
  function fill(changes: readonly (readonly [Place, CheckpointSummary | null])[], replaces?: string | null): void {
    const all = changes.flatMap(([place, model]) => {
      const before = replaces === undefined ? idAt(place) : replaces;
      return placesOfSharedBase(get(), place, before).map((each) => [each, model] as const);
    });
    const before = all.map(([place]) => slotAt(get(), place)?.model ?? null);
    // At once, and without the old plan: it says nothing about these models.
    set((state) => {
      let filled: StudioState = { ...state, plan: null };
      for (const [place, model] of all) filled = { ...filled, ...withSlot(filled, place, { ...emptySlot, model }) };
      return filled;
    });
    get().modelsChanged({ replaced: before.some((model) => model !== null) });
    for (const model of new Set([...before, ...all.map(([, model]) => model)])) void release(model);
  }

  /** The model that a recipe named is there now: that is no edit of the recipe. */
  function named(reference: string, id: string): void {
    set(({ savedRecipe }) => ({
      savedRecipe: savedRecipe?.replaceAll(JSON.stringify(reference), JSON.stringify(id)) ?? null,
    }));
  }

  /** True, and said, when the models may not change now. */
  function refused(): boolean {
    if (!isJobRunning(get())) return false;
    get().showWindowFailure(exportRunning);
    return true;
  }

  function settle(
    place: Place,
    origin: ModelOrigin,
    before: string | null,
    outcome: Attempt<CheckpointSummary | null>,
  ): void {
    if (!outcome.ok) patch(place, { opening: null, failure: { failure: outcome.failure, retry: origin } });
    else if (outcome.value === null) patch(place, { opening: null });
    else fill([[place, outcome.value]], before);
  }

  function openFrom(origin: Exclude<ModelOrigin, { kind: "samples" }>): Promise<Outcome<CheckpointSummary | null>> {
    if (origin.kind === "drop") return studio.openDropped(origin.file);
    if (origin.kind === "offer") return studio.openOffered(origin.id);
    return origin.kind === "reference" ? studio.openReference(origin.id) : studio.pickCheckpoint(origin.kind);
  }

  return {
    target: emptySlot,
    samplesFailure: null,

    async openModel(role, origin) {
      if (refused()) return;
      const place = here(role);
      const opening = openings.begin(place);
      const before = idAt(place);
      patch(place, { opening: origin, failure: null });
      const outcome = await attempt(() => openFrom(origin));
      if (openings.isLatest(place, opening)) {
        settle(place, origin, before, outcome);
        if (origin.kind === "reference" && outcome.ok && outcome.value !== null) named(origin.id, outcome.value.id);
      } else if (outcome.ok) await release(outcome.value);
      void get().loadRecentModels();
    },

    async dropOnCard(role, files) {
      const [file, ...more] = files;
      if (file === undefined) return;
      if (more.length === 0 && isRecipeFile(file)) return get().dropRecipe(file);
      if (refused()) return;
      if (more.length > 0) await get().proposeForDropped(files);
      else await get().openModel(role, { kind: "drop", file });
    },

    async dropOnWindow(files) {
      const [first, ...others] = files;
      if (first !== undefined && others.length === 0 && isRecipeFile(first)) return get().dropRecipe(first);
      if (first !== undefined && !refused()) await get().proposeForDropped(files);
    },

    async retryModel(role) {
      const retry = slotsOf(get())[role].failure?.retry;
      if (retry?.kind === "samples") await get().openSamples();
      else if (retry) await get().openModel(role, retry);
    },

    dismissModelFailure: (role) => patch(here(role), { failure: null }),

    clearModel(role) {
      if (refused()) return;
      const place = here(role);
      openings.begin(place);
      if (slotAt(get(), place)?.opening === null) fill([[place, null]]);
      else patch(place, { opening: null });
    },

    swapModels(one, other) {
      if (refused()) return;
      const [first, second] = [here(one), here(other)];
      const slots = slotsOf(get());
      openings.begin(first);
      openings.begin(second);
      fill([
        [first, slots[other].model],
        [second, slots[one].model],
      ]);
    },

    placeModels(models) {
      if (refused()) return false;
      const changes = models.map(([role, model]) => [here(role), model] as const);
      for (const [place] of changes) openings.begin(place);
      if (changes.length > 0) fill(changes);
      return true;
    },

    async openSamples() {
      if (refused()) return;
      const begun = roles.map(here).map((place) => [place, openings.begin(place)] as const);
      set({ samplesFailure: null });
      for (const [place] of begun) patch(place, { opening: { kind: "samples" }, failure: null });
      const outcome = await attempt(() => studio.openSamples());
      // A card that was cleared or filled meanwhile keeps what the user did.
      const waiting = begun.filter(([place, opening]) => openings.isLatest(place, opening)).map(([place]) => place);
      if (!outcome.ok) {
        for (const place of waiting) patch(place, { opening: null });
        set({ samplesFailure: outcome.failure });
        return;
      }
      const triple = outcome.value;
      if (waiting.length > 0) fill(waiting.map((place) => [place, triple[place.role]] as const));
      for (const role of roles) await release(triple[role]);
    },

    installModels({ target, vectors }, more) {
      for (const place of allPlaces(get())) openings.begin(place);
      const before = allPlaces(get()).map((place) => slotAt(get(), place)?.model ?? null);
      const [first] = vectors;
      set({ target, vectors, ...(first === undefined ? {} : { selectedVector: first.id }), ...more, plan: null });
      get().modelsChanged({ replaced: false });
      void get().releaseModels(before);
    },

    async releaseModels(models) {
      await Promise.all([...new Set(models)].map(release));
    },

    applyReopened(model) {
      set(({ changedModels }) => ({ changedModels: changedModels.filter(({ id }) => id !== model.id) }));
      const changed = placesOf(get(), model);
      if (changed.length === 0) return;
      for (const place of changed) patch(place, { model });
      set({ windowNotice: `${model.name} was changed on disk, and has been read again` });
      get().forgetMeasured();
      get().replan();
    },
  };
}

/** Tells an answer that is still wanted from one that was overtaken. */
class OpeningCounter {
  readonly #latest = new Map<string, number>();

  begin(place: Place): number {
    const next = (this.#latest.get(placeKey(place)) ?? 0) + 1;
    this.#latest.set(placeKey(place), next);
    return next;
  }

  isLatest(place: Place, opening: number): boolean {
    return this.#latest.get(placeKey(place)) === opening;
  }
}

function isRecipeFile({ name }: File): boolean {
  return /\.ya?ml$/i.test(name);
}
