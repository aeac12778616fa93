import type { MeasureReport } from "../statistics/measure-report.ts";

const size = { width: 760, height: 260 } as const;
const plot = { left: 64, right: 16, top: 32, bottom: 40 } as const;
/** Told apart by colour-blind people too (Okabe and Ito). */
const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7"] as const;

/**
 * The share of the base that each chat vector changes, ‖τ‖/‖base‖, layer by layer, as an SVG for a model card: nothing in it but shapes and
 * text. Null where no layer has been measured. Only the first four vectors are drawn.
 */
export function formatNormsFigure(report: MeasureReport, names: readonly string[]): string | null {
  const drawn = (report.vectors ?? [{ name: names[0] ?? "", layers: report.layers }]).slice(0, colours.length);
  const values = drawn.flatMap(({ layers }) => layers.flatMap(({ relative }) => (relative === null ? [] : [relative])));
  const greatest = values.reduce((most, value) => Math.max(most, value), 0);
  const layerCount = drawn.reduce((most, { layers }) => Math.max(most, (layers.at(-1)?.layer ?? -1) + 1), 0);
  if (greatest === 0 || !Number.isFinite(greatest) || layerCount === 0) return null;
  const across = (layer: number) => plot.left + ((layer + 0.5) / layerCount) * (size.width - plot.left - plot.right);
  const up = (value: number) => size.height - plot.bottom - (value / greatest) * (size.height - plot.top - plot.bottom);
  const lines = drawn.map(({ layers }, index) => {
    const points = layers.flatMap(({ layer, relative }) =>
      relative === null ? [] : [`${across(layer).toFixed(1)},${up(relative).toFixed(1)}`],
    );
    return `<polyline fill="none" stroke="${colours[index]}" stroke-width="2" points="${points.join(" ")}"/>`;
  });
  const legend = drawn.map(({ name }, index) => text(plot.left + index * 160, 18, name.slice(0, 20), colours[index]));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" viewBox="0 0 ${size.width} ${size.height}" font-family="sans-serif" font-size="12">`,
    `<title>Norm of the chat vector by layer, as a share of the base's</title>`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    ...[0, greatest / 2, greatest].flatMap((value) => [
      `<line x1="${plot.left}" x2="${size.width - plot.right}" y1="${up(value).toFixed(1)}" y2="${up(value).toFixed(1)}" stroke="#dddddd"/>`,
      text(8, up(value) + 4, `${Number((value * 100).toPrecision(2))} %`),
    ]),
    ...lines,
    ...(drawn.length > 1 ? legend : []),
    text(across(0) - 3, size.height - 20, "0"),
    text(across(layerCount - 1) - 8, size.height - 20, String(layerCount - 1)),
    text(size.width / 2 - 20, size.height - 6, "layer"),
    "</svg>",
    "",
  ].join("\n");
}

function text(x: number, y: number, content: string, colour = "#444444"): string {
  const safe = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" fill="${colour}">${safe}</text>`;
}
