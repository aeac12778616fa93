const maximumQuotedLength = 160;

/**
 * A name from a file, for a message: in double quotes, on one line, with everything that a terminal or a window would obey
 * rather than show (controls, direction marks, invisible characters) escaped, and cut when it is very long.
 */
export function quoteName(name: string): string {
  const shown = name.length > maximumQuotedLength ? `${name.slice(0, maximumQuotedLength)}…` : name;
  return JSON.stringify(shown).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}
