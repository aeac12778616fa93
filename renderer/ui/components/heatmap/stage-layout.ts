import { heatmapHeight } from "../../figures/heatmap-geometry.ts";

/** How the height of the centre is shared. Pixels. */
export interface StageLayout {
  readonly rowHeight: number;
  /** What is seen of the heatmap; more rows than fit scroll inside it. */
  readonly heatmapHeight: number;
  readonly profileHeight: number;
  readonly curveHeight: number;
}

const rowHeights = { least: 15, most: 68 };
const profileHeights = { least: 56, most: 180 };
const curveHeights = { least: 60, most: 190 };
/** Titles, ticks and the space between the parts, as the stylesheet has them. */
const fixedHeight = 114;

/**
 * Rows as high as there is room for, from what a label needs to what looks like a cell; profile and curve take their share.
 * `groups` names each row's family, since families stand apart.
 */
export function stageLayout(availableHeight: number, groups: readonly string[]): StageLayout {
  const free = Math.max(availableHeight - fixedHeight, 0);
  const profileHeight = Math.round(between(free * 0.15, profileHeights));
  const curveHeight = Math.round(between(free * 0.165, curveHeights));
  const forRows = free - profileHeight - curveHeight;
  const gaps = heatmapHeight(groups, 0);
  const rowHeight = Math.floor(between((forRows - gaps) / Math.max(groups.length, 1), rowHeights));
  const whole = heatmapHeight(groups, rowHeight);
  // At least nine rows are seen, however low the window: then the centre scrolls.
  const seen = Math.max(forRows, Math.min(whole, 9 * rowHeight + gaps));
  return { rowHeight, heatmapHeight: Math.min(whole, seen), profileHeight, curveHeight };
}

function between(value: number, { least, most }: { readonly least: number; readonly most: number }): number {
  return Math.min(Math.max(value, least), most);
}
