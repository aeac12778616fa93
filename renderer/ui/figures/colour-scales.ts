export type Theme = "dark" | "light";
export type ColourRange = "sequential" | "diverging";

/**
 * Stops from the least value to the most. Sequential: lightness rises evenly (dark) or falls (light), hue runs from blue over
 * green to yellow, so that it reads in grey and with any colour blindness. Diverging: blue against orange about the
 * background's own tone.
 */
export const colourStops: Readonly<Record<ColourRange, Readonly<Record<Theme, readonly string[]>>>> = {
  sequential: {
    dark: ["#1a1f38", "#17405f", "#1b6f78", "#3fa27a", "#a6c94f", "#fde34b"],
    light: ["#e6e2cb", "#abcda8", "#62ab9c", "#33829c", "#2b5788", "#2c2a5e"],
  },
  diverging: {
    dark: ["#7db8ff", "#3f77b8", "#244467", "#262b31", "#6b4224", "#b8702f", "#ffb066"],
    light: ["#1d4f8f", "#4a86c0", "#a3c4e0", "#eae8e0", "#edc59b", "#cc8139", "#8a4a06"],
  },
};

type Rgb = readonly [red: number, green: number, blue: number];

/** The colour at a place from 0 to 1, as "rgb(r,g,b)". */
export function colourAt(range: ColourRange, theme: Theme, place: number): string {
  const [red, green, blue] = rgbAt(range, theme, place);
  return `rgb(${red},${green},${blue})`;
}

export function rgbAt(range: ColourRange, theme: Theme, place: number): Rgb {
  const stops = colourStops[range][theme];
  const position = Math.min(Math.max(place, 0), 1) * (stops.length - 1);
  const index = Math.min(Math.floor(position), stops.length - 2);
  const from = parseHex(stops[index] ?? "#000000");
  const to = parseHex(stops[index + 1] ?? "#000000");
  const mix = (channel: 0 | 1 | 2) => Math.round(from[channel] + (to[channel] - from[channel]) * (position - index));
  return [mix(0), mix(1), mix(2)];
}

/** Colours of a canvas are looked up, not computed, for each cell. */
export function colourTable(range: ColourRange, theme: Theme): readonly string[] {
  return Array.from({ length: 256 }, (_, index) => colourAt(range, theme, index / 255));
}

/** Black or white, whichever stands out more on a colour. */
export function inkOn(rgb: Rgb): "#ffffff" | "#000000" {
  // Where both have a contrast of 4.58.
  return luminance(rgb) > 0.179 ? "#000000" : "#ffffff";
}

/** Relative luminance, WCAG 2. */
export function luminance(rgb: Rgb): number {
  const [red, green, blue] = rgb.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0);
}

function parseHex(hex: string): Rgb {
  const channel = (at: number) => Number.parseInt(hex.slice(at, at + 2), 16);
  return [channel(1), channel(3), channel(5)];
}
