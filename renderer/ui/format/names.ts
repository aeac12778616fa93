/** Where a long text may be shortened: the head gives way first, the tail says what the thing is. */
export interface SplitText {
  readonly head: string;
  readonly tail: string;
}

/** "model.layers.17.mlp." + "down_proj.weight". */
export function splitTensorName(name: string): SplitText {
  const last = name.lastIndexOf(".");
  return splitAt(name, last > 0 ? name.lastIndexOf(".", last - 1) + 1 : 0);
}

/**
 * What tells names apart, without what they share before and after it: "layers.3" of "model.layers.3.mlp.up_proj.weight" beside
 * the same of other layers, "experts.7", "bias". A number keeps the word before it.
 */
export function tellingParts(names: readonly string[]): readonly string[] {
  const split = names.map((name) => name.split("."));
  const [first = []] = split;
  const shortest = Math.min(...split.map((parts) => parts.length));
  let before = 0;
  while (before < shortest - 1 && split.every((parts) => parts[before] === first[before])) before++;
  let after = 0;
  while (after < shortest - before - 1 && split.every((parts) => parts.at(-1 - after) === first.at(-1 - after)))
    after++;
  return split.map((parts) => {
    const from = /^\d/.test(parts[before] ?? "") ? Math.max(before - 1, 0) : before;
    return parts.slice(from, parts.length - after).join(".");
  });
}

/** Characters of a long name's end that stay: "…-continually-pretrained-rev3-" + "final-chat". */
const keptOfName = 14;
const keptOfPath = 26;

/** A model's name: its end often tells it from its kin. A short one gives way at its end alone. */
export function splitName(name: string): SplitText {
  return splitAt(name, name.length > 2 * keptOfName ? name.length - keptOfName : name.length);
}

/** Names in little room, without the words that all begin with: "chat" and "math" of "llama-2-chat" and "llama-2-math". */
export function shortNames(names: readonly string[]): readonly string[] {
  const [first = ""] = names;
  if (names.length < 2) return names;
  let shared = 0;
  while (shared < first.length && names.every((name) => name[shared] === first[shared])) shared++;
  const words = Math.max(...["-", "_", ".", "/", " "].map((part) => first.lastIndexOf(part, shared - 1))) + 1;
  return names.some((name) => name.length === words) ? names : names.map((name) => name.slice(words));
}

/** "/data/models/" + "llama-2-ko"; either kind of slash. Of a very long name the end stays. */
export function splitPath(path: string): SplitText {
  const end = path.length - 1;
  const name = Math.max(path.lastIndexOf("/", end - 1), path.lastIndexOf("\\", end - 1)) + 1;
  return splitAt(path, Math.max(name, path.length - keptOfPath));
}

function splitAt(text: string, index: number): SplitText {
  return { head: text.slice(0, index), tail: text.slice(index) };
}

/** A problem's message as its lead and the rest: "Vocabularies differ" + "embed_tokens is …". */
export function splitLead(message: string): { readonly lead: string; readonly rest: string } {
  const colon = message.indexOf(": ");
  if (colon < 0 || colon > 40) return { lead: "", rest: message };
  return { lead: message.slice(0, colon), rest: message.slice(colon + 2) };
}
