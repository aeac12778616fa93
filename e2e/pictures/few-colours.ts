import { encodeIndexed, type Picture } from "./png.ts";

const most = 256;
/** Colours that fill most of a window keep their own. */
const exact = 112;

interface Colour {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  count: number;
  index: number;
}

/**
 * The picture as a PNG of at most 256 colours. A window has few of its own and thousands between them, at the edges of letters:
 * boxes of like colours are parted where they are widest until there are enough (median cut), and each takes its mean.
 * @param note goes along in the file
 */
export function encodeWithFewColours({ width, height, rgb }: Picture, note: string): Buffer {
  const colours = new Map<number, Colour>();
  for (let at = 0; at < rgb.length; at += 3) {
    const [red = 0, green = 0, blue = 0] = [rgb[at], rgb[at + 1], rgb[at + 2]];
    const key = (red << 16) | (green << 8) | blue;
    const known = colours.get(key);
    if (known === undefined) colours.set(key, { red, green, blue, count: 1, index: 0 });
    else known.count++;
  }
  const byCount = [...colours.values()].sort((a, b) => b.count - a.count);
  const boxes = [...byCount.slice(0, exact).map((colour) => [colour]), ...parted(byCount.slice(exact), most - exact)];
  const palette = new Uint8Array(3 * boxes.length);
  boxes.forEach((box, index) => {
    palette.set(meanOf(box), 3 * index);
    for (const colour of box) colour.index = index;
  });
  const indexes = new Uint8Array(width * height);
  for (let pixel = 0; pixel < indexes.length; pixel++) {
    const at = 3 * pixel;
    const key = ((rgb[at] ?? 0) << 16) | ((rgb[at + 1] ?? 0) << 8) | (rgb[at + 2] ?? 0);
    indexes[pixel] = colours.get(key)?.index ?? 0;
  }
  return encodeIndexed(width, height, indexes, palette, note);
}

const channels = ["red", "green", "blue"] as const;

function parted(colours: Colour[], count: number): readonly Colour[][] {
  if (colours.length === 0) return [];
  const boxes = [{ colours, ...widest(colours) }];
  while (boxes.length < count) {
    const next = boxes.reduce((best, box) => (box.width > best.width ? box : best));
    if (next.width === 0) break;
    const { channel } = next;
    const middle = next.least + next.width / 2;
    const halves = [
      next.colours.filter((colour) => colour[channel] <= middle),
      next.colours.filter((colour) => colour[channel] > middle),
    ];
    boxes.splice(boxes.indexOf(next), 1, ...halves.map((half) => ({ colours: half, ...widest(half) })));
  }
  return boxes.map((box) => box.colours);
}

/** The channel in which the colours differ most. */
function widest(colours: readonly Colour[]) {
  return channels
    .map((channel) => {
      let least = 255;
      let largest = 0;
      for (const colour of colours) {
        least = Math.min(least, colour[channel]);
        largest = Math.max(largest, colour[channel]);
      }
      return { channel, least, width: Math.max(0, largest - least) };
    })
    .reduce((best, each) => (each.width > best.width ? each : best));
}

function meanOf(box: readonly Colour[]): readonly number[] {
  const count = box.reduce((sum, colour) => sum + colour.count, 0);
  return channels.map((channel) =>
    Math.round(box.reduce((sum, colour) => sum + colour.count * colour[channel], 0) / count),
  );
}
