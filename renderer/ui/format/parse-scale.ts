import { maximumScale, minimumScale } from "../../../src-core/limits.ts";

export type ParsedScale =
  | { readonly ok: true; readonly scale: number }
  | { readonly ok: false; readonly message: string };

const numberPattern = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Reads a typed λ: a decimal comma and a real minus sign are welcome. */
export function parseScale(text: string): ParsedScale {
  const plain = text
    .trim()
    .replace("\u2212", "-")
    .replace(/^([^.,]*),([^.,]*)$/, "$1.$2");
  if (!numberPattern.test(plain)) return { ok: false, message: "Type a number, e.g. 0.80" };
  const scale = Number(plain);
  if (Math.abs(scale) > maximumScale) return { ok: false, message: "λ lies within ±2³²" };
  if (scale !== 0 && Math.abs(scale) < minimumScale) return { ok: false, message: "λ is 0 or at least 2⁻³²" };
  return { ok: true, scale: scale === 0 ? 0 : scale };
}
