/** What DataParallel and torch.compile put in front of every name. */
const prefixes = ["module.", "_orig_mod."];

/** Tensors without what all their names start with because the model was wrapped when it was saved. */
export function withoutWrapperPrefix<Tensor extends { readonly name: string }>(tensors: readonly Tensor[]): Tensor[] {
  const length = wrapperPrefixLength(tensors.map(({ name }) => name));
  return length === 0 ? [...tensors] : tensors.map((tensor) => ({ ...tensor, name: tensor.name.slice(length) }));
}

function wrapperPrefixLength(names: readonly string[]): number {
  const [first] = names;
  let length = 0;
  for (;;) {
    const prefix = prefixes.find((each) => first?.startsWith(each, length));
    if (prefix === undefined) return length;
    const from = length;
    if (!names.every((name) => name.startsWith(prefix, from) && name.length > from + prefix.length)) return length;
    length += prefix.length;
  }
}
