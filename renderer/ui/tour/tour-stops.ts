import type { Side } from "./place-note.ts";

export interface TourStop {
  /** The control that it stands beside has this in `data-tour`. */
  readonly id: string;
  readonly title: string;
  readonly text: string;
  /** Said instead while there are no models yet. */
  readonly textWithoutModels?: string;
  /** Where the note stands. */
  readonly side: Side;
}

/** What somebody who never saw the window has to know, in the order of a first merge. */
export const tourStops = [
  {
    id: "models",
    title: "Three models make a merge",
    text: "The target gets the chat vector; it is what chat has and base has not. Any model is replaced by dropping a folder on its card.",
    textWithoutModels:
      "The target gets the chat vector; it is what chat has and base has not. Drop folders here, or start with the samples.",
    side: "within",
  },
  {
    id: "workspace",
    title: "Where the chat vector lives",
    text: "Each cell is one kind of tensor in one layer. The further right its colour stands in the legend, the more chat tuning changed it. Click a cell for its numbers.",
    textWithoutModels:
      "Once the models are there, a heatmap shows how much chat tuning changed each layer, before anything is written.",
    side: "left",
  },
  {
    id: "scale",
    title: "λ is how much of it you add",
    text: "1 adds all of the chat vector, 0 none. Every number follows at once. For more at some depths than at others, drag the curve under the heatmap.",
    textWithoutModels:
      "1 adds all of the chat vector, 0 none. Less keeps more of what the target learned; 1 is a good start.",
    side: "above",
  },
  {
    id: "export",
    title: "Export writes the merged model",
    text: "Into a new folder: the three models are only read. What was written is computed again and compared before it counts as done.",
    side: "above",
  },
  {
    id: "commands",
    title: "The rest is a few letters away",
    text: "Everything that the window can do is found here. Words with a dotted line under them explain themselves; this tour and all the words are under Help.",
    side: "below",
  },
] as const satisfies readonly TourStop[];
