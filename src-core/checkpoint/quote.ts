const maximumQuotedLength = 160;

/** What a terminal or a window would obey rather than show: controls, direction marks, invisible characters, line ends. */
const unshowable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A text from outside, for people: on one line, with everything escaped that would not be shown as it is. */
export function shownText(text: string): string {
  return text.replace(unshowable, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** The same, with line ends and tabs as they are. */
export function shownLines(text: string): string {
  return text
    .split(/([\n\t])/)
    .map((part) => (part === "\n" || part === "\t" ? part : shownText(part)))
    .join("");
}

/** The first character that would not be shown, as "U+202E"; null where there is none. */
export function firstUnshowable(text: string): string | null {
  const at = text.search(unshowable);
  return at < 0 ? null : `U+${(text.codePointAt(at) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/** A name from a file, for a message: as `shownText` gives it, in double quotes, and cut when it is very long. */
export function quoteName(name: string): string {
  const shown = name.length > maximumQuotedLength ? `${name.slice(0, maximumQuotedLength)}…` : name;
  return shownText(JSON.stringify(shown));
}
