import type { Gradient } from "./gradient.ts";
import { type ImportedScale, layeredScale, type SegmentValues } from "./layered-scale.ts";
import type { MergekitSource } from "./mergekit-source.ts";
import type { Segment, Segments } from "./segments.ts";
import { always, combine, type Effort, isTotal, mapSetting, type Setting } from "./setting.ts";

/** A model of the file and λ of its task vector, model − base. */
export interface ModelScale {
  readonly model: string;
  readonly scale: Setting<ImportedScale>;
}

/** λ of every model of the file. `offset` is where to complain of what cannot be said. */
export function modelScales(
  { segments }: Segments,
  effort: Effort,
  offset: number,
  source: MergekitSource,
): readonly ModelScale[] {
  const models = new Set(segments.flatMap(({ weights }) => [...weights.keys()]));
  return [...models].map((model) => {
    const scale = modelScale(model, segments, effort, offset, source);
    return { model, scale };
  });
}

function modelScale(
  model: string,
  segments: readonly Segment[],
  effort: Effort,
  offset: number,
  source: MergekitSource,
): Setting<ImportedScale> {
  const parts = segments.map((segment) => settingsFor(model, segment));
  if (segments.some(({ weights }) => !isTotal(weights.get(model) ?? always([0])))) {
    source.note(offset, `where no filter of ${model} fits a tensor, mergekit stops; here its λ is 0`);
  }
  const combined = combine(
    parts.flatMap(({ settings }) => settings),
    effort,
  );
  if (combined === null) {
    throw source.inexpressible(offset, { what: "the filters of different parameters are too entangled for rules" });
  }
  return mapSetting(combined, (values) => {
    const taken: SegmentValues[] = [];
    let at = 0;
    for (const { settings, pick } of parts) {
      taken.push(pick(values.slice(at, at + settings.length)));
      at += settings.length;
    }
    const scale = layeredScale(segments, taken);
    if (scale !== null) return scale;
    throw source.inexpressible(offset, {
      what: `λ of ${model} is no straight line between its points, and how many layers there are is not known`,
      advice: "Open the base model first, or write the weights out as they are to be",
    });
  });
}

interface SegmentPart {
  readonly settings: readonly Setting<Gradient>[];
  /** From the values that a name has for `settings`, in their order. */
  readonly pick: (values: readonly (Gradient | undefined)[]) => SegmentValues;
}

/** The settings that a model's λ depends on in a segment: the other weights only where they are divided by. */
function settingsFor(model: string, { weights, lambda, normalize }: Segment): SegmentPart {
  const own = weights.get(model);
  const isNormalized = normalize.some(({ value }) => value.some((each) => each !== 0));
  const others = isNormalized ? [...weights].filter(([name]) => name !== model).map(([, setting]) => setting) : [];
  return {
    settings: [lambda, normalize, own ?? always<Gradient>([0]), ...others],
    pick: ([lambdaValue = [1], normalizeValue = [0], weight, ...otherWeights]) => {
      const defined = otherWeights.filter((value) => value !== undefined);
      const isComplete = weight !== undefined && defined.length === otherWeights.length;
      return {
        lambda: lambdaValue,
        normalize: normalizeValue,
        weight: isComplete ? weight : null,
        weights: own === undefined || weight === undefined ? defined : [weight, ...defined],
      };
    },
  };
}
