import type { Page } from "@playwright/test";

export interface FocusRings {
  readonly checked: number;
  /** Of these the keyboard's focus cannot be seen. */
  readonly missing: readonly string[];
}

/**
 * Gives the focus to everything that the keyboard reaches, within the dialog where there is one. It is seen by an outline of two
 * pixels, of the element or of what it marks in itself: a cell, a row.
 */
export async function withoutFocusRing(ui: Page): Promise<FocusRings> {
  // The focus is shown to who uses the keyboard.
  await ui.keyboard.press("Shift");
  await ui.keyboard.press("Tab");
  return await ui.evaluate(() => {
    const hasRing = (element: Element) => {
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
      return (outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2) || /0px 0px 0px [2-9]px/.test(boxShadow);
    };
    const root = document.querySelector("[role=dialog]") ?? document.body;
    const reached = root.querySelectorAll<HTMLElement>("button, input, select, a[href], summary, [tabindex]");
    const missing: string[] = [];
    let checked = 0;
    for (const element of reached) {
      // Hands the focus on to its chosen tab, when the keyboard gives it the focus.
      if (element.role === "tablist") continue;
      if (element.tabIndex < 0 || !element.checkVisibility()) continue;
      element.focus();
      if (document.activeElement !== element) continue;
      checked++;
      const marked = element.querySelectorAll("[aria-selected=true], [role=gridcell]");
      if (![element, ...marked].some(hasRing)) missing.push(element.outerHTML.slice(0, 160));
    }
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    return { checked, missing };
  });
}
