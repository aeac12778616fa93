import type { Outcome } from "../../../electron/api/outcome.ts";
import type { OpenedRecipe } from "../../../electron/api/recipes.ts";
import { fullRecipeOf, isEdited } from "./decisions.ts";
import { isJobRunning } from "./job-phase.ts";
import { modelsOfRecipe } from "./recipe-models.ts";
import { attempt, type ShownFailure } from "./shown-failure.ts";
import type { SliceTools } from "./slice.ts";
import type { RecipeSlice } from "./studio-state.ts";

const exportRunning: ShownFailure = {
  code: "usage",
  what: "No recipe is opened while an export runs",
  advice: "Cancel the export or wait for it.",
};

const incomplete: ShownFailure = {
  code: "usage",
  what: "There is no recipe to save yet",
  expected: "a target, and chat and base of every vector",
};

export function createRecipeSlice({ set, get, studio }: SliceTools): RecipeSlice {
  let nextVector = 1;
  let latestOpening = 0;

  async function open(call: () => Promise<Outcome<OpenedRecipe | null>>): Promise<void> {
    if (isJobRunning(get())) return set({ recipeFailure: exportRunning });
    if (isEdited(get())) return set({ openingOver: { proceed: () => openNow(call) } });
    await openNow(call);
  }

  async function openNow(call: () => Promise<Outcome<OpenedRecipe | null>>): Promise<void> {
    const opening = ++latestOpening;
    set({ recipeFailure: null });
    const outcome = await attempt(call);
    void get().loadRecents();
    if (outcome.ok && outcome.value === null) return;
    const overtaken = opening !== latestOpening;
    if (outcome.ok && outcome.value !== null && (overtaken || isJobRunning(get()))) {
      return get().releaseModels(outcome.value.models.map(({ model }) => model));
    }
    if (!outcome.ok) return set({ recipeFailure: outcome.failure });
    if (outcome.value !== null) show(outcome.value);
  }

  function show({ document, name, recipe, models, notes, isUnsaved }: OpenedRecipe): void {
    const { target: _target, vectors: _vectors, vocabulary, onMismatch, ...rest } = recipe;
    const shown = modelsOfRecipe(recipe, models, () => `opened-${nextVector++}`);
    get().installModels(shown, {
      decisions: {
        ...(vocabulary === undefined ? {} : { vocabulary }),
        ...(onMismatch === "keep-target" ? { onMismatch } : {}),
      },
      recipeRest: rest,
      document,
      recipeChange: null,
      recipeNotes: notes.length === 0 ? null : { title: `${name} is a mergekit file`, notes: notes.map(noteText) },
    });
    // A mergekit file is no recipe that could be saved to: all of it is new.
    set({ savedRecipe: document === null || isUnsaved ? null : savedText(), isBroughtBack: isUnsaved });
    get().forgetHistory();
  }

  const savedText = () => JSON.stringify(fullRecipeOf(get()));

  return {
    document: null,
    savedRecipe: null,
    exportedRecipe: null,
    isBroughtBack: false,
    recipeRest: {},
    recents: [],
    recipeFailure: null,
    recipeNotes: null,
    openingOver: null,

    async openOver(choice) {
      const { openingOver } = get();
      set({ openingOver: null });
      if (choice === "save") await get().saveRecipe({ as: false });
      // What could not be saved is not let go.
      if (choice === "discard" || (choice === "save" && !isEdited(get()))) await openingOver?.proceed();
    },

    openInPlace: open,
    openRecipe: () => open(() => studio.pickRecipe()),
    dropRecipe: (file) => open(() => studio.openDroppedRecipe(file)),
    openHandedRecipe: () => open(() => studio.handedRecipe()),
    openRecentRecipe: (id) => open(() => studio.openRecentRecipe(id)),

    async loadRecents() {
      const outcome = await attempt(() => studio.recentRecipes());
      if (outcome.ok) set({ recents: outcome.value });
    },

    async saveRecipe({ as }) {
      const recipe = fullRecipeOf(get());
      if (recipe === null) return set({ recipeFailure: incomplete });
      set({ recipeFailure: null });
      const outcome = await attempt(() => studio.saveRecipe({ recipe, documentId: get().document?.id ?? null, as }));
      if (!outcome.ok) return set({ recipeFailure: outcome.failure });
      if (outcome.value === null) return;
      set({ document: outcome.value, savedRecipe: JSON.stringify(recipe), isBroughtBack: false, recipeChange: null });
      void get().loadRecents();
    },

    async exportMergekit() {
      const recipe = fullRecipeOf(get());
      if (recipe === null) return set({ recipeFailure: incomplete });
      set({ recipeFailure: null });
      const outcome = await attempt(() => studio.exportMergekit(recipe));
      if (!outcome.ok) return set({ recipeFailure: outcome.failure });
      if (outcome.value === null) return;
      set({ recipeNotes: { title: `Written to ${outcome.value.path}`, notes: outcome.value.notes } });
    },

    dismissRecipeFailure: () => set({ recipeFailure: null }),
    dismissRecipeNotes: () => set({ recipeNotes: null }),
  };
}

function noteText({ where, message }: OpenedRecipe["notes"][number]): string {
  return `${where}: ${message}`;
}
