import { access } from "node:fs/promises";
import { nativeImage, type WebContents } from "electron";

const side = 48;
const margin = 6;
/** The accent colour, as blue, green, red, alpha. */
const accent = [0x6b, 0x6f, 0x0d, 0xff] as const;

/**
 * Gives a finished folder to the system's drag and drop. Must be called while the page's `dragstart` is being handled; the system waits for as
 * long as the button is held.
 */
export async function dragOut(contents: WebContents, path: string): Promise<void> {
  // A folder that was moved away by someone else: Chromium would end the drag with an error of its own.
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (isThere && !contents.isDestroyed()) contents.startDrag({ file: path, icon: folderIcon() });
}

/** A plain card with a tab, drawn here: the drag needs an image, and the application ships none. */
function folderIcon(): Electron.NativeImage {
  const pixels = Buffer.alloc(side * side * 4);
  const paint = (left: number, top: number, right: number, bottom: number) => {
    for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) pixels.set(accent, (y * side + x) * 4);
  };
  paint(margin, margin + 4, side / 2, side - margin);
  paint(margin, margin + 9, side - margin, side - margin);
  return nativeImage.createFromBitmap(pixels, { width: side, height: side });
}
