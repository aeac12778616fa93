/** The parts of a keyboard event that decide a shortcut. */
export type Keys = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">;

export function matchesShortcut(keys: Keys, shortcut: string): boolean {
  const parts = shortcut.split("+");
  const hasMod = keys.ctrlKey || keys.metaKey;
  return (
    keys.key.toLowerCase() === parts.at(-1)?.toLowerCase() &&
    hasMod === parts.includes("Mod") &&
    keys.shiftKey === parts.includes("Shift") &&
    !keys.altKey
  );
}

/** As the keys are labelled: "Ctrl Shift S", or "⇧ ⌘ S" on macOS. */
export function shortcutText(shortcut: string, platform: string): string {
  const key = shortcut.split("+").at(-1) ?? "";
  const isMac = platform === "darwin";
  return [
    shortcut.includes("Shift") ? (isMac ? "⇧" : "Shift") : null,
    shortcut.includes("Mod") ? (isMac ? "⌘" : "Ctrl") : null,
  ]
    .filter((part) => part !== null)
    .sort((one) => (one === "Ctrl" ? -1 : 0))
    .concat(key)
    .join(" ");
}
