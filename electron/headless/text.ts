/** 6740000000 → "6.74 G" */
export function formatCount(value: number): string {
  const units = ["", "k", "M", "G", "T", "P"];
  let unit = 0;
  let scaled = value;
  while (scaled >= 999.5 && unit < units.length - 1) {
    scaled /= 1000;
    unit++;
  }
  return unit === 0 ? `${value} ` : `${Number(scaled.toPrecision(3))} ${units[unit]}`;
}
