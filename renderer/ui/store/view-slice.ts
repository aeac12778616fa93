import type { SliceTools } from "./slice.ts";
import type { ViewSlice } from "./studio-state.ts";

export function createViewSlice({ set, get }: SliceTools): ViewSlice {
  return {
    view: "heatmap",
    metric: "relative",
    logScale: false,
    openRows: new Set(),
    selectedCell: null,
    comparison: "cells",

    showView: (view) => set({ view }),
    chooseMetric: (metric) => set({ metric }),
    setLogScale: (logScale) => set({ logScale }),
    toggleRow(key) {
      const openRows = new Set(get().openRows);
      if (!openRows.delete(key)) openRows.add(key);
      set({ openRows });
    },
    selectCell(selectedCell) {
      const [only, ...others] = selectedCell.tensors;
      if (only === undefined) return set({ selectedTensor: null, selectedCell: null });
      if (others.length === 0) get().selectTensor(only);
      else set({ selectedTensor: null, selectedCell });
    },
    compareBy: (comparison) => set({ comparison }),
  };
}
