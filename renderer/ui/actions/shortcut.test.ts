import { describe, expect, it } from "vitest";
import { actionFor, allActions } from "./all-actions.ts";
import { matchesShortcut, shortcutText } from "./shortcut.ts";

const keys = (key: string, more: object = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...more,
});

describe("a shortcut", () => {
  it("holds with Ctrl or ⌘, whatever the case of the key, and with no other key", () => {
    expect(matchesShortcut(keys("S", { ctrlKey: true, shiftKey: true }), "Mod+Shift+S")).toBe(true);
    expect(matchesShortcut(keys("s", { metaKey: true }), "Mod+S")).toBe(true);
    expect(matchesShortcut(keys("s"), "Mod+S")).toBe(false);
    expect(matchesShortcut(keys("s", { ctrlKey: true, shiftKey: true }), "Mod+S")).toBe(false);
    expect(matchesShortcut(keys("s", { ctrlKey: true, altKey: true }), "Mod+S")).toBe(false);
  });

  it("is written as the keys are labelled", () => {
    expect(shortcutText("Mod+Shift+S", "linux")).toBe("Ctrl Shift S");
    expect(shortcutText("Mod+Shift+S", "darwin")).toBe("⇧ ⌘ S");
    expect(shortcutText("Mod+K", "win32")).toBe("Ctrl K");
  });

  it("belongs to one action", () => {
    const shortcuts = allActions.flatMap(({ shortcuts: each = [] }) => each);
    expect(new Set(shortcuts).size).toBe(shortcuts.length);
    expect(new Set(allActions.map(({ id }) => id)).size).toBe(allActions.length);
    expect(actionFor(keys("y", { ctrlKey: true }))?.id).toBe("redo");
    expect(actionFor(keys("y"))).toBeNull();
  });
});
