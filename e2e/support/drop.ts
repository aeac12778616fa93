import { expect, type Page } from "@playwright/test";

interface DragWatch {
  /** Whether the page got the drop, or was told that the drag has left it. */
  dragEnd: Promise<boolean>;
}

/** Drops files or folders of the disk on the middle of the window, as the file manager does: once. */
export async function drop(ui: Page, ...files: readonly string[]): Promise<void> {
  const client = await ui.context().newCDPSession(ui);
  const data = { items: [], files: [...files], dragOperationsMask: 1 };
  const send = (type: "dragEnter" | "dragOver" | "drop") =>
    client.send("Input.dispatchDragEvent", { type, x: 640, y: 400, data });
  // Until the page has answered that it takes the files, Chromium makes a drop a leave.
  await expect(async () => {
    await send("dragEnter");
    await send("dragOver");
    await expect(ui.locator(".app[data-file-over]")).toBeAttached({ timeout: 500 });
    await send("dragOver");
    await watchDrag(ui);
    await send("drop");
    // The protocol's answer may come before the page has seen the drop: one more would be a second one.
    expect(await ui.evaluate(() => (globalThis as unknown as DragWatch).dragEnd)).toBe(true);
  }).toPass();
  await client.detach();
}

async function watchDrag(ui: Page): Promise<void> {
  await ui.evaluate(() => {
    (globalThis as unknown as DragWatch).dragEnd = new Promise((resolve) => {
      addEventListener("drop", () => resolve(true), { capture: true, once: true });
      const leave = (event: DragEvent) => {
        // From one element to the next it has not left the page.
        if (event.relatedTarget === null) resolve(false);
      };
      addEventListener("dragleave", leave, { capture: true });
      // On a busy machine Chromium has lost both.
      setTimeout(() => resolve(false), 3000);
    });
  });
}
