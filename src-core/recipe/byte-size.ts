const units: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["b", 1],
  ["kb", 1e3],
  ["mb", 1e6],
  ["gb", 1e9],
  ["tb", 1e12],
  ["kib", 2 ** 10],
  ["mib", 2 ** 20],
  ["gib", 2 ** 30],
  ["tib", 2 ** 40],
]);

/** As `formatByteSize` tries them: decimal ones first, since those are what disks and shard names count in. */
const writtenUnits = [
  ["TB", 1e12],
  ["TiB", 2 ** 40],
  ["GB", 1e9],
  ["GiB", 2 ** 30],
  ["MB", 1e6],
  ["MiB", 2 ** 20],
  ["KB", 1e3],
  ["KiB", 2 ** 10],
] as const;

/** Bytes of "5GB" (10⁹), "4GiB" (2³⁰), "500 MB" or "1000000"; NaN for anything else, and for less than one byte. */
export function parseByteSize(text: string): number {
  const match = /^(\d{1,32}(?:\.\d{1,32})?)\s*([a-z]*)$/i.exec(text.trim());
  const unit = units.get((match?.[2] ?? "?").toLowerCase());
  if (match?.[1] === undefined || unit === undefined) return Number.NaN;
  const bytes = Math.round(Number(match[1]) * unit);
  return bytes > 0 && Number.isSafeInteger(bytes) ? bytes : Number.NaN;
}

/** The shortest text that `parseByteSize` reads as exactly these bytes: "5GB", "4GiB", "5000000001". */
export function formatByteSize(bytes: number): string {
  let shortest = String(bytes);
  for (const [name, unit] of writtenUnits) {
    const text = `${bytes / unit}${name}`;
    if (bytes % unit === 0 && text.length < shortest.length) shortest = text;
  }
  return shortest;
}
