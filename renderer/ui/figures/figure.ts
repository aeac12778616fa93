import { layoutOf } from "../store/measured.ts";
import type { StudioState } from "../store/studio-state.ts";
import { compareModelOf } from "../views/compare-model.ts";
import { heatmapModelOf } from "../views/heatmap-model.ts";
import { profileModelOf } from "../views/profile-model.ts";
import { figureCaption } from "./caption.ts";
import { compareFigure } from "./compare-figure.ts";
import { type FigurePage, figurePage } from "./figure-page.ts";
import { heatmapFigure } from "./heatmap-figure.ts";
import { scalesOfLayers } from "./layer-scales.ts";

/** What the window shows, as a page for a paper. */
export function figureOf(state: StudioState, fontFaces: string): FigurePage {
  const caption = figureCaption(state);
  const content =
    state.view === "compare"
      ? compareFigure(compareModelOf(state), state.logScale)
      : heatmapFigure({
          model: heatmapModelOf(state),
          layerCount: layoutOf(state).layerCount,
          profile: profileModelOf(state),
          scales: state.target.model === null ? null : scalesOfLayers(state),
        });
  return figurePage({ ...content, caption, fontFaces });
}
