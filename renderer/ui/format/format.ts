/** Numbers as people read them: SI prefixes, a thin space before the unit, a real minus sign. */

/** U+2009. Inter's no-break kind, U+202F, is so narrow that the unit seems to touch the number. */
const space = "\u2009";
const minus = "\u2212";

const integers = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const byteUnits = ["B", "kB", "MB", "GB", "TB", "PB"] as const;
const countUnits = ["", "K", "M", "B", "T"] as const;

function withRealMinus(text: string): string {
  return text.replace("-", minus);
}

/** Three significant digits and the largest unit that keeps the number at 1 or more; below 1000 the number is whole. */
function withPrefix(value: number, units: readonly string[]): string {
  let scaled = value;
  let unit = 0;
  // 999.5 would be printed as 1.00e+3: it belongs to the next unit.
  while (unit < units.length - 1 && Math.abs(scaled) >= (unit === 0 ? 1000 : 999.5)) {
    scaled /= 1000;
    unit++;
  }
  const digits = unit === 0 || Math.abs(scaled) >= 999.5 ? integers.format(scaled) : scaled.toPrecision(3);
  const name = units[unit];
  return withRealMinus(name ? `${digits}${space}${name}` : digits);
}

/** "32,000". */
export function formatCount(count: number): string {
  return withRealMinus(integers.format(count));
}

/** "1 file", "3 files". */
export function formatCounted(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

/** SI: 1 GB is 1e9 bytes. "13.7 GB". */
export function formatBytes(bytes: number): string {
  return withPrefix(bytes, byteUnits);
}

/** "4.40 GB/s". */
export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}

/** "6.74 B" for billions, as model names count. */
export function formatParameters(parameters: number): string {
  return withPrefix(parameters, countUnits);
}

/** λ: two decimals, more where the number has more. */
export function formatScale(scale: number): string {
  const exact = String(scale);
  const decimals = exact.includes("e") ? Number.POSITIVE_INFINITY : (exact.split(".")[1]?.length ?? 0);
  return withRealMinus(decimals <= 2 ? scale.toFixed(2) : exact);
}

/** A λ that was rounded to f32, by the fewest digits that mean it: 0.800000011920929 is "0.80". */
export function formatSingleScale(scale: number): string {
  let digits = 1;
  while (digits < 17 && Math.fround(Number(scale.toPrecision(digits))) !== Math.fround(scale)) digits++;
  return formatScale(Number(scale.toPrecision(digits)));
}

/** What took this long: "under 0.1 s", "0.4 s", "9.2 s", "42 s", "1 min 5 s", "2 h 3 min". */
export function formatDuration(seconds: number): string {
  if (seconds < 0.05) return `under 0.1${space}s`;
  if (seconds < 9.95) return `${seconds.toFixed(1)}${space}s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}${space}s`;
  if (whole < 3600) return joinUnits(Math.floor(whole / 60), "min", whole % 60, "s");
  const minutes = Math.round(whole / 60);
  return joinUnits(Math.floor(minutes / 60), "h", minutes % 60, "min");
}

/** What will take this long: whole seconds, never less than one. */
export function formatTimeLeft(seconds: number): string {
  const whole = Math.max(1, Math.ceil(seconds));
  return whole < 10 ? `${whole}${space}s` : formatDuration(whole);
}

function joinUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  const head = `${formatCount(large)}${space}${largeUnit}`;
  return small === 0 ? head : `${head} ${small}${space}${smallUnit}`;
}

/** Whole per cent, rounded down so that 100 % means done. */
export function formatPercent(fraction: number): string {
  return `${Math.floor(Math.min(1, Math.max(0, fraction)) * 100)}${space}%`;
}

/** "4096 × 11008"; a shape of no dimensions is a scalar. */
export function formatShape(shape: readonly number[]): string {
  return shape.length === 0 ? "scalar" : shape.join(" × ");
}

/** As people write them: "bf16". */
export function formatDtype(dtype: string): string {
  return dtype.toLowerCase();
}
