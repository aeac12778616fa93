/** A number as people read it: "3.87 %", "−0.010", "8.7e−5", "1,024". */
export interface ShownNumber {
  readonly value: number;
  /** Half a unit of the last digit that is shown. */
  readonly tolerance: number;
}

export function parseShown(text: string): ShownNumber | null {
  const match = /(−?)([\d,]+(?:\.\d+)?)(?:e(−?\d+))?\s*(%?)/.exec(text);
  if (match === null) return null;
  const [, sign = "", digits = "", exponent = "0", percent = ""] = match;
  const scale = 10 ** Number(exponent.replace("−", "-")) * (percent === "" ? 1 : 0.01);
  const decimals = digits.split(".")[1]?.length ?? 0;
  const value = Number(digits.replaceAll(",", "")) * scale * (sign === "" ? 1 : -1);
  return { value, tolerance: 0.5 * 10 ** -decimals * scale };
}

/** What differs between a text and the number it should show, rounded; null when nothing does. Norms may err by 1e-5. */
export function wrongNumber(text: string, expected: number): string | null {
  const shown = parseShown(text);
  if (shown === null) return `“${text}” shows no number, expected ${expected}`;
  const allowed = shown.tolerance * (1 + 1e-9) + 1e-5 * Math.abs(expected);
  return Math.abs(shown.value - expected) <= allowed ? null : `“${text}”, expected ${expected}`;
}
