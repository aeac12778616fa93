import type { Figure } from "../../../electron/api/window.ts";
import { figureCaption, figureName } from "../figures/caption.ts";
import { embeddedFont } from "../figures/embedded-font.ts";
import { figureOf } from "../figures/figure.ts";
import { rasterize } from "../figures/rasterize.ts";
import { tensorCsv } from "../figures/tensor-csv.ts";
import { attempt } from "./shown-failure.ts";
import type { SliceTools } from "./slice.ts";
import type { FigureSlice, StudioState } from "./studio-state.ts";

/** Of a PNG: pixels to one of the figure's. */
const pngPixelRatio = 2;

export function createFigureSlice({ set, get, studio }: SliceTools): FigureSlice {
  return {
    figureFailure: null,
    savingFigure: false,

    async saveFigure(type) {
      set({ savingFigure: true, figureFailure: null });
      const outcome = await attempt(async () => studio.saveFigure(await drawFigure(get(), type)));
      set({ savingFigure: false, figureFailure: outcome.ok ? null : outcome.failure });
      return outcome.ok && outcome.value;
    },
    dismissFigureFailure: () => set({ figureFailure: null }),
  };
}

async function drawFigure(state: StudioState, type: Figure["type"]): Promise<Figure> {
  const name = figureName(state);
  if (type === "csv") return { name, type, data: tensorCsv(state, figureCaption(state)) };
  const page = figureOf(state, await embeddedFont());
  return { name, type, data: type === "svg" ? page.svg : await rasterize(page, pngPixelRatio) };
}
