import { type Checkpoint, elementCount } from "../checkpoint/checkpoint.ts";

/** What a model is to others: what it goes by, what it says it was made of, and the shapes that it shares with its kin. */
export interface ModelKinship {
  /** What others may call it: its id in a Hugging Face cache, its folder's name. */
  readonly names: readonly string[];
  /** What it says it was made of, the surest first. */
  readonly parents: readonly Parent[];
  readonly hasChatTemplate: boolean;
  /** Equal for models whose tensors have the same shapes, those of the vocabulary's rows aside. */
  readonly layout: string;
}

export interface Parent {
  /** "org/name", or a folder's name or path on some machine. */
  readonly name: string;
  /** The model card's `base_model`, or config.json's `_name_or_path`. */
  readonly saidBy: "card" | "config";
  /** Absent: the model was trained further from it. */
  readonly relation?: Exclude<CardRelation, "quantized">;
}

/** A model card's `base_model_relation` where it is not `finetune`: what the model is to those that `base_model` names. */
export type CardRelation = "quantized" | "adapter" | "merge";

/** The tensors' shapes by their number, as a short text. Names are left out: prefixes differ between kin. */
export function layoutOf({ tensors, config }: Checkpoint): string {
  const counts = new Map<string, number>();
  for (const { shape } of tensors) {
    if (shape.length === 2 && isOfVocabulary(shape, config?.vocabularySize ?? null)) continue;
    const key = shape.join("x");
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const text = [...counts].map(([shape, count]) => `${count}*${shape}`).sort();
  return `${tensors.reduce((sum, { shape }) => sum + (shape.length === 1 ? elementCount(shape) : 0), 0)}-${digest(text.join(","))}`;
}

/** Embeddings are padded beyond what config.json says, rarely by more than a block. */
function isOfVocabulary([rows = 0]: readonly number[], vocabularySize: number | null): boolean {
  return vocabularySize !== null && Math.abs(rows - vocabularySize) <= Math.min(1024, vocabularySize / 16);
}

/** FNV-1a, twice with different starts: to tell layouts apart, not to withstand anybody. */
function digest(text: string): string {
  let [first, second] = [0x811c9dc5, 0x01000193];
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    first = Math.imul(first ^ code, 0x01000193) >>> 0;
    second = Math.imul(second ^ (code + index), 0x85ebca6b) >>> 0;
  }
  return first.toString(16).padStart(8, "0") + second.toString(16).padStart(8, "0");
}

/** Whether a name that one model gives can mean another: the same id, or the same last word of it. Case does not count. */
export function isCalled({ names }: Pick<ModelKinship, "names">, name: string): boolean {
  const asked = wordsOf(name);
  return names.some((own) => {
    const known = wordsOf(own);
    if (known.at(-1) !== asked.at(-1)) return false;
    // Where both are ids, their owners count as well.
    return known.length !== 2 || asked.length !== 2 || known[0] === asked[0];
  });
}

/** "org/name" stays two words; of a path its last. */
function wordsOf(name: string): readonly string[] {
  const words = name
    .toLowerCase()
    .split(/[\\/]+/)
    .filter((word) => word !== "" && word !== ".");
  const isId = words.length === 2 && !/^([\\/.~]|[a-z]:)/i.test(name);
  return isId ? words : words.slice(-1);
}
