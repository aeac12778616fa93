/**
 * A picture for documents, readable on light and on dark pages: it follows the reader's system. Colours are classes.
 * @param {{ width: number, height: number, title: string, description: string }} page
 * @param {readonly string[]} parts
 */
export function svgPage({ width, height, title, description }, parts) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title description">
<title id="title">${escaped(title)}</title>
<desc id="description">${escaped(description)}</desc>
<style>
text { font: 13px Inter, "Segoe UI", "Helvetica Neue", Arial, sans-serif; fill: #1f2328 }
.strong { font-weight: 600 }
.large { font-size: 15px; font-weight: 600 }
.muted { fill: #59636e }
.code { font: 12px "JetBrains Mono", Menlo, Consolas, monospace; fill: #59636e }
.panel { fill: #f6f8fa; stroke: #d1d9e0 }
.box { fill: #ffffff; stroke: #d1d9e0 }
.line { fill: none; stroke: #818b98; stroke-width: 1.25 }
.data { fill: none; stroke: #0b7285; stroke-width: 2.5 }
.head { fill: #818b98 }
.data-head { fill: #0b7285 }
.cell { fill: #0b7285 }
.hollow { fill: none; stroke: #0b7285; stroke-width: 1.25 }
.grid { stroke: #d1d9e0 }
.self { fill: #d1d9e0 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.muted, .code { fill: #9198a1 }
.panel { fill: #151b23; stroke: #3d444d }
.box { fill: #0d1117; stroke: #3d444d }
.data, .hollow { stroke: #4fb3c8 }
.data-head, .cell { fill: #4fb3c8 }
.grid { stroke: #3d444d }
.self { fill: #3d444d }
}
</style>
<defs>
<marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path class="head" d="M0 0 8 4 0 8z"/></marker>
<marker id="data-head" viewBox="0 0 8 8" refX="5" refY="4" markerWidth="4.5" markerHeight="4.5" orient="auto"><path class="data-head" d="M0 0 8 4 0 8z"/></marker>
</defs>
${parts.join("\n")}
</svg>
`;
}

/**
 * @param {number} x
 * @param {number} y of the base line
 * @param {string} words
 * @param {{ style?: string, anchor?: "start" | "middle" | "end", turn?: number }} [options]
 */
export function text(x, y, words, { style = "", anchor = "start", turn = 0 } = {}) {
  const attributes = [
    style === "" ? "" : ` class="${style}"`,
    anchor === "start" ? "" : ` text-anchor="${anchor}"`,
    turn === 0 ? "" : ` transform="rotate(${turn} ${x} ${y})"`,
  ];
  return `<text x="${x}" y="${y}"${attributes.join("")}>${escaped(words)}</text>`;
}

/**
 * A process or a place, with its name, what it is, and lines of what is in it.
 * @param {{ x: number, y: number, width: number, height: number }} place
 * @param {string} name
 * @param {string} what
 */
export function panel({ x, y, width, height }, name, what) {
  return [
    `<rect class="panel" x="${x}" y="${y}" width="${width}" height="${height}" rx="8"/>`,
    text(x + 16, y + 26, name, { style: "large" }),
    text(x + 16, y + 44, what, { style: "muted" }),
  ].join("\n");
}

/**
 * @param {{ x: number, y: number, width: number, height: number }} place
 * @param {string} name
 * @param {readonly string[]} lines
 * @param {string} [folder]
 */
export function box({ x, y, width, height }, name, lines, folder) {
  const below = lines.map((line, index) => text(x + 12, y + 40 + index * 17, line, { style: "muted" }));
  const last = folder === undefined ? [] : [text(x + 12, y + 41 + lines.length * 17, folder, { style: "code" })];
  return [
    `<rect class="box" x="${x}" y="${y}" width="${width}" height="${height}" rx="6"/>`,
    text(x + 12, y + 22, name, { style: "strong" }),
    ...below,
    ...last,
  ].join("\n");
}

/**
 * @param {readonly (readonly [number, number])[]} points
 * @param {{ data?: boolean, both?: boolean }} [options] whether it carries tensors; whether it has a head at either end
 */
export function arrow(points, { data = false, both = false } = {}) {
  const path = points.map(([x, y], index) => `${index === 0 ? "M" : "L"}${x} ${y}`).join(" ");
  const head = data ? "data-head" : "head";
  const start = both ? ` marker-start="url(#${head})"` : "";
  return `<path class="${data ? "data" : "line"}" d="${path}" marker-end="url(#${head})"${start}/>`;
}

/** @param {string} words */
function escaped(words) {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
