import { expect, type Page } from "@playwright/test";

/** Drops files or folders of the disk on the middle of the window, as the file manager does. */
export async function drop(ui: Page, ...files: readonly string[]): Promise<void> {
  const client = await ui.context().newCDPSession(ui);
  const data = { items: [], files: [...files], dragOperationsMask: 1 };
  const send = (type: "dragEnter" | "dragOver" | "drop") =>
    client.send("Input.dispatchDragEvent", { type, x: 640, y: 400, data });
  await ui.evaluate(() => {
    const state = globalThis as unknown as { dropped: boolean };
    state.dropped = false;
    addEventListener("drop", () => (state.dropped = true), { capture: true, once: true });
  });
  // A drop counts once the page has said that it takes it; a file manager goes on telling where the file is.
  await expect(async () => {
    await send("dragEnter");
    await send("dragOver");
    await expect(ui.locator(".app[data-file-over]")).toBeAttached({ timeout: 500 });
    await send("dragOver");
    await send("drop");
    expect(await ui.evaluate(() => (globalThis as unknown as { dropped: boolean }).dropped)).toBe(true);
  }).toPass();
  await client.detach();
}
