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

/** "/data/models/" + "llama-2-ko"; either kind of slash. */
export function splitPath(path: string): SplitText {
  const end = path.length - 1;
  return splitAt(path, Math.max(path.lastIndexOf("/", end - 1), path.lastIndexOf("\\", end - 1)) + 1);
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
