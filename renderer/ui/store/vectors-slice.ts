import { maximumVectorCount } from "../../../src-core/limits.ts";
import { newVector } from "./edited-vector.ts";
import { isJobRunning } from "./job-phase.ts";
import { emptySlot } from "./model-slot.ts";
import type { SliceTools } from "./slice.ts";
import type { VectorsSlice } from "./studio-state.ts";
import { withVector } from "./vectors.ts";

export function createVectorsSlice({ set, get }: SliceTools): VectorsSlice {
  let nextVector = 2;
  const first = newVector("vector-1");

  return {
    vectors: [first],
    selectedVector: first.id,

    selectVector: (selectedVector) => set({ selectedVector, ruleToFocus: null }),

    addVector() {
      const { vectors } = get();
      if (isJobRunning(get()) || vectors.length >= maximumVectorCount) return;
      const added = newVector(`vector-${nextVector++}`, vectors[0]?.base);
      set({ vectors: [...vectors, added], selectedVector: added.id });
    },

    addVectorsOf(chats) {
      const { vectors } = get();
      const free = maximumVectorCount - vectors.length;
      if (isJobRunning(get()) || chats.length === 0 || free <= 0) return;
      const added = chats.slice(0, free).map((model) => ({
        ...newVector(`vector-${nextVector++}`, vectors[0]?.base),
        chat: { ...emptySlot, model },
      }));
      set({ vectors: [...vectors, ...added], plan: null });
      get().modelsChanged({ replaced: false });
    },

    removeVector(id) {
      const { vectors, selectedVector } = get();
      const at = vectors.findIndex((vector) => vector.id === id);
      const removed = vectors[at];
      if (isJobRunning(get()) || removed === undefined || vectors.length === 1) return;
      const others = vectors.filter((vector) => vector !== removed);
      const next = selectedVector === id ? (others[Math.max(at - 1, 0)]?.id ?? selectedVector) : selectedVector;
      set({ vectors: others, selectedVector: next, plan: null });
      get().modelsChanged({ replaced: false });
      void get().releaseModels([removed.chat.model, removed.base.model]);
    },

    moveVector(id, places) {
      const { vectors } = get();
      const from = vectors.findIndex((vector) => vector.id === id);
      const moved = vectors[from];
      if (isJobRunning(get()) || moved === undefined) return;
      const others = vectors.filter((vector) => vector !== moved);
      const to = Math.min(Math.max(from + places, 0), others.length);
      if (to === from) return;
      set({ vectors: [...others.slice(0, to), moved, ...others.slice(to)] });
      get().replan();
    },

    renameVector(id, name) {
      const givenName = name.trim() === "" ? null : name.trim();
      set((state) => withVector(state, id, { givenName }));
      get().replan();
    },
  };
}
