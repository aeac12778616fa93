import { median, ratio } from "./rounds.mjs";

/**
 * A Markdown table of what was measured: medians, spread, rates, and each one's speed over the first one's.
 * @param {readonly import("./rounds.mjs").Measured[]} measured the first is what the others are held against
 * @param {object} options
 * @param {number} options.bytes moved by each run: what the rate is made of
 * @param {string} options.against heading of the last column, as in "of the copy limit"
 */
export function formatMeasured(measured, { bytes, against }) {
  const [first] = measured;
  const rows = measured.map((entry) => {
    const { name, seconds, note } = entry;
    if (seconds.length === 0) return [name, "–", "–", "–", "–", note];
    const middle = median(seconds);
    const spread = `${Math.min(...seconds).toFixed(2)}–${Math.max(...seconds).toFixed(2)}`;
    const held = first === undefined || first.seconds.length === 0 ? "–" : ratio(first, entry).toFixed(2);
    return [name, `${middle.toFixed(2)} s`, spread, `${(bytes / middle / 2 ** 30).toFixed(2)} GiB/s`, held, note];
  });
  return formatTable(["", "median", "spread", "rate", against, ""], rows);
}

/**
 * @param {readonly string[]} heading
 * @param {readonly (readonly string[])[]} rows
 * @returns {string} lines of a Markdown table whose columns line up
 */
export function formatTable(heading, rows) {
  const widths = heading.map((title, column) =>
    Math.max(3, title.length, ...rows.map((row) => (row[column] ?? "").length)),
  );
  const line = (/** @type {readonly string[]} */ cells) =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width)).join(" | ")} |`;
  return [line(heading), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}
