/** Red, green and blue from 0 to 255. */
type Rgb = readonly [red: number, green: number, blue: number];
type Matrix = readonly [Rgb, Rgb, Rgb];
/** L*, a*, b*. */
export type Lab = readonly [lightness: number, a: number, b: number];

/**
 * What linear light becomes without one kind of cones (Machado, Oliveira and Fernandes 2009, severity 1), and in grey (Rec. 709
 * luminance).
 */
export const visions: Readonly<Record<string, Matrix>> = {
  "all cones": [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
  grey: [
    [0.2126, 0.7152, 0.0722],
    [0.2126, 0.7152, 0.0722],
    [0.2126, 0.7152, 0.0722],
  ],
};

/** A colour as it is seen, in CIE L*a*b* under D65. */
export function seenAs(rgb: Rgb, matrix: Matrix): Lab {
  const light = rgb.map(linear);
  const dot = (row: Rgb) => row.reduce((sum, weight, channel) => sum + weight * (light[channel] ?? 0), 0);
  const [red = 0, green = 0, blue = 0] = matrix.map((row) => Math.min(1, Math.max(0, dot(row))));
  const x = compress((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047);
  const y = compress(0.2126 * red + 0.7152 * green + 0.0722 * blue);
  const z = compress((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** ΔE*ab (CIE 1976): 2.3 is just noticeable side by side. */
export function difference(one: Lab, other: Lab): number {
  return Math.hypot(one[0] - other[0], one[1] - other[1], one[2] - other[2]);
}

function linear(channel: number): number {
  const share = channel / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

function compress(value: number): number {
  return value > 216 / 24389 ? Math.cbrt(value) : ((24389 / 27) * value + 16) / 116;
}
