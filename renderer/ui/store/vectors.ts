import { type CompleteVector, type EditedVector, isComplete } from "./edited-vector.ts";
import { memoLast } from "./memo.ts";
import type { ModelSlot, ModelSlots } from "./model-slot.ts";
import type { StudioState } from "./studio-state.ts";

type WithVectors = Pick<StudioState, "vectors" | "selectedVector">;

/** The vector whose λ, curve and rules are edited. There is always one. */
export function selectedVectorOf({ vectors, selectedVector }: WithVectors): EditedVector {
  const found = vectors.find(({ id }) => id === selectedVector) ?? vectors[0];
  if (found === undefined) throw new Error("no vector");
  return found;
}

/** The models of the target and of the selected vector, by role. */
export const slotsOf = (state: WithVectors & Pick<StudioState, "target">): ModelSlots => {
  const { chat, base } = selectedVectorOf(state);
  return slots(state.target, chat, base);
};
const slots = memoLast((target: ModelSlot, chat: ModelSlot, base: ModelSlot): ModelSlots => ({ target, chat, base }));

/** The vectors with both models, which are planned and measured. A vector that lacks one waits aside. */
export const completeVectorsOf = ({ vectors }: Pick<StudioState, "vectors">): readonly CompleteVector[] =>
  complete(vectors);
const complete = memoLast((vectors: readonly EditedVector[]) => vectors.filter(isComplete));

/** What each vector is called, by id: as it was named, else "chat" where it is alone, else after its chat model. */
export const vectorNamesOf = ({ vectors }: Pick<StudioState, "vectors">): ReadonlyMap<string, string> => names(vectors);
const names = memoLast((vectors: readonly EditedVector[]): ReadonlyMap<string, string> => {
  const given = new Map<string, string>();
  const taken = new Set(vectors.flatMap(({ givenName }) => givenName ?? []));
  for (const [index, { id, givenName, chat }] of vectors.entries()) {
    const plain = vectors.length === 1 ? "chat" : (chat.model?.name ?? `vector ${index + 1}`);
    const name = givenName ?? unusedName(plain, taken);
    taken.add(name);
    given.set(id, name);
  }
  return given;
});

export function vectorNameOf(state: Pick<StudioState, "vectors">, id: string): string {
  return vectorNamesOf(state).get(id) ?? "chat";
}

/** What the selected vector is called; null while it is the only one, and goes without saying. */
export const selectedNameOf = (state: WithVectors): string | null =>
  state.vectors.length === 1 ? null : vectorNameOf(state, selectedVectorOf(state).id);

function unusedName(plain: string, taken: ReadonlySet<string>): string {
  let name = plain;
  for (let count = 2; taken.has(name); count++) name = `${plain} ${count}`;
  return name;
}

/** The state with one vector changed; as it is where the vector is gone. */
export function withVector(
  { vectors }: Pick<StudioState, "vectors">,
  id: string,
  change: Partial<EditedVector>,
): Pick<StudioState, "vectors"> {
  return { vectors: vectors.map((vector) => (vector.id === id ? { ...vector, ...change } : vector)) };
}
