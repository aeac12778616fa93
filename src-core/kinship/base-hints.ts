import type { ModelKinship } from "./model-kinship.ts";

export interface BaseHint {
  /** "org/name", or a name alone; it may stand in a path of another machine. */
  readonly name: string;
  /** Why, as a sentence without its end. */
  readonly because: string;
}

/** What publishers put into the name of a base when they have tuned it. */
const tunedWord = /[-_. ](chat|instruct|it|sft|dpo|rlhf|tuned)(?=[-_. ]|$)/i;

/**
 * Names of a base that these models give, the surest first: one that several name, in a card or config; then what one names; then
 * a chat model's own name without the word that says so; and last what an adapter was trained on. What a merge names are the models
 * that went into it: chat models and descendants as often as a base, so none is proposed.
 */
export function baseHints(
  models: readonly { readonly name: string; readonly kinship: ModelKinship }[],
): readonly BaseHint[] {
  const said = new Map<string, { readonly name: string; readonly by: Set<string>; readonly source: string }>();
  const adapted: BaseHint[] = [];
  for (const { name: model, kinship } of models) {
    for (const { name, saidBy, relation } of kinship.parents) {
      if (relation === "adapter") adapted.push({ name, because: `${model} calls itself an adapter of it` });
      if (relation !== undefined) continue;
      const key = name.toLowerCase();
      const known = said.get(key);
      if (known === undefined)
        said.set(key, { name, by: new Set([model]), source: saidBy === "card" ? "model card" : "config.json" });
      else known.by.add(model);
    }
  }
  const named = [...said.values()].sort((a, b) => b.by.size - a.by.size);
  const hints: BaseHint[] = named.map(({ name, by, source }) => {
    const [first = "", ...others] = by;
    return {
      name,
      because: others.length === 0 ? `The ${source} of ${first} names it` : `${[...by].join(" and ")} name it`,
    };
  });
  const guessed = models.flatMap(({ name: model, kinship }) => {
    const names = kinship.names.filter((name) => tunedWord.test(name));
    return names.map((name) => ({
      name: name.replace(tunedWord, ""),
      because: `Its name is that of ${model} without “${wordIn(name)}”`,
    }));
  });
  return [...hints, ...guessed, ...adapted];
}

function wordIn(name: string): string {
  return tunedWord.exec(name)?.[1] ?? "";
}
