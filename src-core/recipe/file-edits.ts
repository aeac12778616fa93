/** Part of a recipe's file form. */
export type Plain = string | number | readonly Plain[] | { readonly [key: string]: Plain | undefined };
export type EditPath = readonly (string | number)[];

/** One change of a recipe's file. Those of one list count: each index holds after the edits before it. */
export type FileEdit =
  | { readonly kind: "set"; readonly path: EditPath; readonly value: Plain }
  | { readonly kind: "insert"; readonly path: EditPath; readonly value: Plain }
  | { readonly kind: "delete"; readonly path: EditPath };

/** The fewest changes, as a person would make them, that turn one value into the other. */
export function editsBetween(before: Plain, after: Plain, path: EditPath = []): FileEdit[] {
  if (isSame(before, after)) return [];
  if (isList(before) && isList(after)) return listEdits(before, after, path);
  if (isMapping(before) && isMapping(after)) return mappingEdits(before, after, path);
  return [{ kind: "set", path, value: after }];
}

function mappingEdits(
  before: { readonly [key: string]: Plain | undefined },
  after: { readonly [key: string]: Plain | undefined },
  path: EditPath,
): FileEdit[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key): FileEdit[] => {
    const [old, wanted] = [before[key], after[key]];
    const at = [...path, key];
    if (wanted === undefined) return old === undefined ? [] : [{ kind: "delete", path: at }];
    return old === undefined ? [{ kind: "set", path: at, value: wanted }] : editsBetween(old, wanted, at);
  });
}

/** Items that are the same at both ends stay; between them, pairs are changed, and the rest is inserted or deleted. */
function listEdits(before: readonly Plain[], after: readonly Plain[], path: EditPath): FileEdit[] {
  if (before.length !== after.length && [...before, ...after].every((item) => typeof item === "number")) {
    return [{ kind: "set", path, value: after }];
  }
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && isSame(before[start], after[start])) start++;
  let end = 0;
  while (end < shorter - start && isSame(before[before.length - 1 - end], after[after.length - 1 - end])) end++;
  const edits: FileEdit[] = [];
  const oldCount = before.length - start - end;
  const newCount = after.length - start - end;
  for (let index = start; index < start + Math.min(oldCount, newCount); index++) {
    const [old, wanted] = [before[index], after[index]];
    if (old !== undefined && wanted !== undefined) edits.push(...editsBetween(old, wanted, [...path, index]));
  }
  for (let index = start + oldCount; index < start + newCount; index++) {
    const value = after[index];
    if (value !== undefined) edits.push({ kind: "insert", path: [...path, index], value });
  }
  for (let index = start + oldCount - 1; index >= start + newCount; index--) {
    edits.push({ kind: "delete", path: [...path, index] });
  }
  return edits;
}

export function isSame(a: Plain | undefined, b: Plain | undefined): boolean {
  if (isList(a)) return isList(b) && a.length === b.length && a.every((item, index) => isSame(item, b[index]));
  if (isMapping(a)) {
    if (!isMapping(b)) return false;
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => isSame(a[key], b[key]));
  }
  return a === b;
}

function isList(value: Plain | undefined): value is readonly Plain[] {
  return Array.isArray(value);
}

function isMapping(value: Plain | undefined): value is { readonly [key: string]: Plain | undefined } {
  return typeof value === "object" && !Array.isArray(value);
}
