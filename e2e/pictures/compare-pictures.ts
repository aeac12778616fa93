import { encodePng, type Picture } from "./png.ts";

/**
 * A picture of few colours is within 14 of 255 of what it was made of (measured), and one colour that fills a part of the window
 * is exact. So a pixel that differs by more than `farFrom` is another one; and so is an area that differs by more than `nearFrom`.
 */
const farFrom = 28;
const nearFrom = 5;

export interface PictureDifference {
  /** Pixels that are plainly others, and what share of all is another shade. */
  readonly farCount: number;
  readonly nearShare: number;
  /** Around what is plainly different: "x 12–40, y 7–19"; "" where nothing is. */
  readonly where: string;
}

/** Throws where the sizes differ. */
export function comparePictures(expected: Picture, actual: Picture): PictureDifference {
  if (expected.width !== actual.width || expected.height !== actual.height) {
    throw new Error(`${actual.width} × ${actual.height} pixels instead of ${expected.width} × ${expected.height}`);
  }
  const { width, height } = expected;
  const box = { left: width, right: -1, top: height, bottom: -1 };
  let farCount = 0;
  let nearCount = 0;
  for (let pixel = 0; pixel < width * height; pixel++) {
    const differs = difference(expected.rgb, actual.rgb, 3 * pixel);
    if (differs > nearFrom) nearCount++;
    if (differs <= farFrom) continue;
    farCount++;
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x);
    box.top = Math.min(box.top, y);
    box.bottom = Math.max(box.bottom, y);
  }
  const where = farCount === 0 ? "" : `x ${box.left}–${box.right}, y ${box.top}–${box.bottom}`;
  return { farCount, nearShare: nearCount / (width * height), where };
}

/** The picture in pale grey, and in red what differs. */
export function drawDifference(expected: Picture, actual: Picture): Buffer {
  const rgb = new Uint8Array(actual.rgb.length);
  for (let at = 0; at < rgb.length; at += 3) {
    const grey = ((actual.rgb[at] ?? 0) + (actual.rgb[at + 1] ?? 0) + (actual.rgb[at + 2] ?? 0)) / 3;
    const differs = difference(expected.rgb, actual.rgb, at);
    const pale = 192 + grey / 4;
    rgb.set(differs > farFrom ? [220, 0, 0] : differs > nearFrom ? [255, 190, 120] : [pale, pale, pale], at);
  }
  return encodePng({ width: actual.width, height: actual.height, rgb });
}

function difference(one: Uint8Array, other: Uint8Array, at: number): number {
  return Math.max(
    Math.abs((one[at] ?? 0) - (other[at] ?? 0)),
    Math.abs((one[at + 1] ?? 0) - (other[at + 1] ?? 0)),
    Math.abs((one[at + 2] ?? 0) - (other[at + 2] ?? 0)),
  );
}
