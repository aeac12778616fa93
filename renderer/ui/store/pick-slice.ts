import type { CheckpointSummary } from "../../../electron/api/models.ts";
import type { Outcome } from "../../../electron/api/outcome.ts";
import { maximumDroppedCount } from "../../../src-core/limits.ts";
import { type DroppedModel, sortDropped, withProposedRoles, withRole } from "./dropped-roles.ts";
import { attempt, type ShownFailure } from "./shown-failure.ts";
import type { SliceTools } from "./slice.ts";
import type { PickSlice, StudioState } from "./studio-state.ts";
import { slotsOf } from "./vectors.ts";

export function createPickSlice({ set, get, studio }: SliceTools): PickSlice {
  let latestDrop = 0;
  let latestOffers = 0;
  let latestLoad = 0;
  let offersFor = "";

  /** Opens models that have no role yet, and proposes roles for those that could be opened. */
  async function receive(
    names: readonly string[],
    opened: readonly Promise<Outcome<CheckpointSummary>>[],
  ): Promise<void> {
    const drop = ++latestDrop;
    const before = get().dropped;
    set({ dropped: [], droppedNames: names });
    void get().releaseModels(modelsOf(before));
    const outcomes = await Promise.all(opened.map((outcome) => attempt(() => outcome)));
    const models = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
    if (drop !== latestDrop) return get().releaseModels(models);
    const failed = outcomes.find((outcome) => !outcome.ok);
    if (failed !== undefined && !failed.ok) get().showWindowFailure(failed.failure);
    set({ dropped: withProposedRoles(models, slotsOf(get())), droppedNames: [] });
    void get().loadRecentModels();
  }

  async function list(placeId: string, load: number): Promise<void> {
    const outcome = await attempt(() => studio.modelsAt(placeId));
    if (load !== latestLoad) return;
    const listed = outcome.ok ? { listing: outcome.value, failure: null } : { listing: null, failure: outcome.failure };
    set(({ modelPlaces }) => ({
      modelPlaces: modelPlaces?.map((place) => (place.id === placeId ? { ...place, ...listed } : place)) ?? null,
    }));
  }

  return {
    recentModels: [],
    modelPlaces: null,
    modelPlacesFailure: null,
    pickingRole: null,
    baseOffers: [],
    dropped: [],
    droppedNames: [],

    showPicker: (pickingRole) => set({ pickingRole }),

    async loadRecentModels() {
      const outcome = await attempt(() => studio.recentModels());
      if (outcome.ok) set({ recentModels: outcome.value });
    },

    async loadModelPlaces() {
      const load = ++latestLoad;
      const outcome = await attempt(() => studio.modelPlaces());
      if (load !== latestLoad) return;
      if (!outcome.ok) return set({ modelPlaces: null, modelPlacesFailure: outcome.failure });
      const before = new Map(get().modelPlaces?.map((place) => [place.id, place]));
      const unknown = { listing: null, failure: null };
      // What was listed before stands until the place has been looked through again.
      const places = outcome.value.map((place) => ({ ...unknown, ...before.get(place.id), ...place }));
      set({ modelPlaces: places, modelPlacesFailure: null });
      await Promise.all(places.map(({ id }) => list(id, load)));
    },

    async followBaseOffers() {
      const ids = modelsThatNameBases(get());
      if (String(ids) === offersFor) return;
      offersFor = String(ids);
      const asked = ++latestOffers;
      if (get().baseOffers.length > 0) set({ baseOffers: [] });
      if (ids.length === 0) return;
      const outcome = await attempt(() => studio.proposeBases(ids));
      // A suggestion that cannot be made is none.
      if (asked === latestOffers && outcome.ok) set({ baseOffers: outcome.value });
    },

    async proposeForDropped(files) {
      if (files.length > maximumDroppedCount) return get().showWindowFailure(tooMany(files.length));
      await receive(
        files.map(({ name }) => name),
        files.map((file) => studio.openDropped(file)),
      );
    },

    async proposeForHanded() {
      const outcome = await attempt(() => studio.handedModels());
      if (!outcome.ok) return get().showWindowFailure(outcome.failure);
      const handed = outcome.value;
      if (handed.length === 0) return;
      if (handed.length > maximumDroppedCount) return get().showWindowFailure(tooMany(handed.length));
      await receive(
        handed.map(({ name }) => name),
        handed.map(({ id }) => studio.openOffered(id)),
      );
    },

    proposeForOffered: ({ id, name }) => receive([name], [studio.openOffered(id)]),

    chooseDroppedRole: (id, role) => set(({ dropped }) => ({ dropped: withRole(dropped, id, role) })),

    takeDropped() {
      const { dropped } = get();
      const { placed, further } = sortDropped(dropped);
      if (!get().placeModels(placed)) return;
      get().addVectorsOf(further);
      set({ dropped: [] });
      void get().releaseModels(modelsOf(dropped));
    },

    leaveDropped() {
      latestDrop++;
      const { dropped } = get();
      set({ dropped: [], droppedNames: [] });
      void get().releaseModels(modelsOf(dropped));
    },
  };
}

/** What stands on the cards beside an empty base; nothing where the base is there or on its way. */
function modelsThatNameBases(state: StudioState): readonly string[] {
  const { target, chat, base } = slotsOf(state);
  if (base.model !== null || base.opening !== null) return [];
  return [...new Set([chat, target].flatMap(({ model }) => model?.id ?? []))];
}

function modelsOf(dropped: readonly DroppedModel[]): readonly CheckpointSummary[] {
  return dropped.map(({ model }) => model);
}

function tooMany(count: number): ShownFailure {
  return {
    code: "usage",
    what: `${count} models came at once`,
    expected: `at most ${maximumDroppedCount}`,
    advice: "Open the folders of a target, a chat model and a base.",
  };
}
