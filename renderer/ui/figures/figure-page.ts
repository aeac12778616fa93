import { element, textElement, wrapText } from "./svg.ts";

/** Paper's colours: a light figure on white, whatever the window's theme. */
export const paper = {
  background: "#ffffff",
  text: "#1b1c1e",
  dim: "#4d5258",
  line: "#d9d9d5",
  guide: "#8b9097",
  accent: "#0b6e6e",
  pending: "#f1f1ee",
  mark: "#c2272b",
  families: { attention: "#4e61bb", mlp: "#0b6e6e", norms: "#6b7178", other: "#6b7178" },
} as const;

export const figureWidth = 760;
export const figureMargin = 20;
const fontSize = 11;

/** Where Inter is neither embedded nor installed, the sans serif that is there. */
const fontFamily = "Inter, 'Inter Variable', 'Helvetica Neue', Helvetica, Arial, 'DejaVu Sans', sans-serif";
const captionSize = 10;
const captionLine = 14;
/** Inter's mean character at the caption's size; a little wide, so that no line overflows. */
const captionCharacterWidth = 4.95;

export interface FigureContent {
  readonly svg: readonly string[];
  /** Without margins and caption. */
  readonly height: number;
  readonly caption: string;
  /** `@font-face` rules; empty for none. */
  readonly fontFaces: string;
}

export interface FigurePage {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

/** A figure as a whole SVG file: white page, content, caption below. */
export function figurePage({ svg, height, caption, fontFaces }: FigureContent): FigurePage {
  const lines = wrapText(caption, Math.floor((figureWidth - 2 * figureMargin) / captionCharacterWidth));
  const captionTop = figureMargin + height + 22;
  const pageHeight = Math.ceil(captionTop + lines.length * captionLine + figureMargin - 8);
  const page = element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      width: figureWidth,
      height: pageHeight,
      viewBox: `0 0 ${figureWidth} ${pageHeight}`,
      "font-family": fontFamily,
      "font-size": fontSize,
      fill: paper.dim,
    },
    [
      `<desc>${textContent(caption)}</desc>`,
      fontFaces === "" ? "" : `<style>${fontFaces}</style>`,
      element("rect", { width: figureWidth, height: pageHeight, fill: paper.background }),
      element("g", { transform: `translate(${figureMargin} ${figureMargin})` }, svg.join("")),
      ...lines.map((line, index) =>
        textElement(line, { x: figureMargin, y: captionTop + index * captionLine, "font-size": captionSize }),
      ),
    ].join(""),
  );
  return { svg: `<?xml version="1.0" encoding="UTF-8"?>\n${page}\n`, width: figureWidth, height: pageHeight };
}

function textContent(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
