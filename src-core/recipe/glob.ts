/**
 * Whether a tensor name matches a rule's glob: `*` is any run of characters (dots included), `?` any one.
 * Time is O(pattern · name) whatever the pattern, since only the last star is ever revisited.
 */
export function globMatches(pattern: string, name: string): boolean {
  let patternAt = 0;
  let nameAt = 0;
  let starAt = -1;
  let resumeAt = 0;
  while (nameAt < name.length) {
    const symbol = pattern[patternAt];
    if (symbol === "*") {
      starAt = patternAt++;
      resumeAt = nameAt;
    } else if (symbol !== undefined && (symbol === "?" || symbol === name[nameAt])) {
      patternAt++;
      nameAt++;
    } else if (starAt >= 0) {
      patternAt = starAt + 1;
      nameAt = ++resumeAt;
    } else {
      return false;
    }
  }
  while (pattern[patternAt] === "*") patternAt++;
  return patternAt === pattern.length;
}
