import { tourStops } from "../tour/tour-stops.ts";
import { attempt } from "./shown-failure.ts";
import type { SliceTools } from "./slice.ts";
import type { TourSlice } from "./studio-state.ts";

export function createTourSlice({ set, get, studio }: SliceTools): TourSlice {
  const stopOf = (id: (typeof tourStops)[number]["id"]) => tourStops.findIndex((stop) => stop.id === id);
  return {
    tour: null,
    startTour: () => set({ tour: { stop: 0, uninvited: false } }),
    goToTourStop: (stop) =>
      set(({ tour }) => ({ tour: tour === null || stop >= tourStops.length ? null : { ...tour, stop } })),
    endTour: () => set({ tour: null }),

    async offerTour() {
      const outcome = await attempt(async () => ({ ok: true, value: await studio.takeFirstTour() }));
      // A tour is nothing that has to be told of when it fails.
      if (outcome.ok && outcome.value && get().tour === null) set({ tour: { stop: 0, uninvited: true } });
    },

    followTour(before) {
      const { tour, plan, job } = get();
      if (tour === null) return;
      // The models are there: what they are for has been understood.
      if (tour.stop === stopOf("models") && before.plan === null && plan !== null)
        get().goToTourStop(stopOf("workspace"));
      // Nobody who exports needs to be shown how.
      if (before.job === null && job !== null) get().endTour();
    },
  };
}
