import { toBase64 } from "./embedded-font.ts";
import type { FigurePage } from "./figure-page.ts";

/** The page as a PNG, so many pixels to one of its own. */
export async function rasterize({ svg, width, height }: FigurePage, pixelRatio: number): Promise<Uint8Array> {
  const image = new Image();
  image.src = `data:image/svg+xml;base64,${toBase64(new TextEncoder().encode(svg))}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = width * pixelRatio;
  canvas.height = height * pixelRatio;
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("no 2D canvas");
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (blob === null) throw new Error("the canvas gave no picture");
  return new Uint8Array(await blob.arrayBuffer());
}
