import { type MetricKey, metricKinds } from "../../../src-core/statistics/metric.ts";

const space = "\u2009";

export interface MetricText {
  /** As a control or a column is called. */
  readonly name: string;
  /** As a formula. */
  readonly formula: string;
}

export const metricTexts: Readonly<Record<MetricKey, MetricText>> = {
  relative: { name: "Relative norm", formula: "‖τ‖ / ‖base‖" },
  cosine: { name: "Cosine", formula: "cos(τ, σ)" },
  mergedShiftRelative: { name: "Shift", formula: "‖λτ‖ / ‖target‖" },
  vector: { name: "Norm", formula: "‖τ‖" },
  relativeToTarget: { name: "Relative to target", formula: "‖τ‖ / ‖target‖" },
  maximum: { name: "Largest change", formula: "max |τ|" },
  zeroFraction: { name: "Unchanged", formula: "share of τ = 0" },
};

/** "3.87 %", "−0.012", "6.482"; a dash where there is none. */
export function formatMetric(metric: MetricKey, value: number | null): string {
  if (value === null) return "–";
  const { unit } = metricKinds[metric];
  if (unit === "fraction") return formatShare(value);
  return unit === "cosine" ? formatCosine(value) : formatMagnitude(value);
}

/** A share as per cent, three digits: "3.87 %", "0.0123 %", "100 %". */
export function formatShare(share: number, digits = 3): string {
  return `${formatMagnitude(share * 100, digits)}${space}%`;
}

/** Three decimals, more only for what they would hide. */
export function formatCosine(cosine: number): string {
  const text = cosine !== 0 && Math.abs(cosine) < 0.0005 ? formatMagnitude(cosine, 2) : cosine.toFixed(3);
  return realMinus(text === "-0.000" ? "0.000" : text);
}

/** So many significant digits; thousands in groups; powers of ten beyond what is easily read. */
export function formatMagnitude(value: number, digits = 4): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e7) {
    const [mantissa = "", exponent = ""] = value.toExponential(Math.max(digits - 2, 0)).split("e");
    return realMinus(`${mantissa}e${exponent.replace("+", "")}`);
  }
  const rounded = Number(value.toPrecision(digits));
  const decimals = Math.max(digits - 1 - Math.floor(Math.log10(Math.abs(rounded))), 0);
  return realMinus(withDecimals(decimals).format(rounded));
}

/** Kept: making one takes a hundred times as long as using it (1 ms in Chromium 114). */
const decimalFormats = new Map<number, Intl.NumberFormat>();

function withDecimals(decimals: number): Intl.NumberFormat {
  const known = decimalFormats.get(decimals);
  if (known !== undefined) return known;
  const format = new Intl.NumberFormat("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  decimalFormats.set(decimals, format);
  return format;
}

/** On an axis: as many digits as it takes, up to three, and no zeros behind them. */
export function formatTick(metric: MetricKey, value: number, digits = 3): string {
  const { unit } = metricKinds[metric];
  const scaled = unit === "fraction" ? value * 100 : value;
  const text = scaled === 0 ? "0" : withoutZeros(formatMagnitude(scaled, digits));
  return unit === "fraction" && scaled !== 0 ? `${text}${space}%` : text;
}

function withoutZeros(text: string): string {
  return text.includes(".") && !text.includes("e") ? text.replace(/\.?0+$/, "") : text;
}

function realMinus(text: string): string {
  return text.replaceAll("-", "−");
}
